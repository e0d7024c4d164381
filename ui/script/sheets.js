/* The pages of a PDF that a passage's cited words stand on: drawn when they are opened, where the file is there. */
async function sheets(turn, card) {
  if (!state.conversation || !stored(turn)) return;
  const asked = [...card.querySelectorAll("mark[data-n]")].map((mark) => "n=" + mark.dataset.n).join("&");
  const base = "conversations/" + state.conversation + "/turns/" + stored(turn) + "/pages";
  const told = await get(base + "?" + asked);
  for (const { number, label, alt } of told.pages) {
    const box = make("details", "rk-sheet");
    box.append(make("summary", "", label));
    box.addEventListener("toggle", () => {
      if (!box.open || box.dataset.drawn) return;
      box.dataset.drawn = "1";
      tell(get(base + "/" + number + "?" + asked).then((sheet) => draw(box, sheet, alt),
        (e) => { box.open = false; delete box.dataset.drawn; throw e; }));
    });
    card.querySelector(".rk-passage").after(box);
  }
}
function draw(box, sheet, alt) {
  const frame = make("div", "rk-sheet-frame"), page = make("div", "rk-sheet-page"), picture = make("img");
  frame.tabIndex = 0; // its arrow keys move the page
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", alt);
  picture.alt = alt;
  picture.onload = () => {
    const spot = page.querySelector(".rk-spot");
    if (spot) frame.scrollTo(spot.offsetLeft - 24, spot.offsetTop - frame.clientHeight / 3);
  };
  page.append(picture);
  for (const mark of sheet.marks) {
    const spot = make("div", "rk-spot");
    ["left", "top", "width", "height"].forEach((side, n) => { spot.style[side] = 100 * mark[n] + "%"; });
    page.append(spot);
  }
  frame.append(page);
  box.append(frame);
  picture.src = "data:image/png;base64," + sheet.png;
}
