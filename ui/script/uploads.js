/* Files go to the server one by one; when all have arrived, an event tells their ids and what did not arrive. */
function uploads(element, trigger, event) {
  const box = element.querySelector(".rp-drop"), input = box.querySelector("input");
  const told = box.querySelector("[role=status]"), texts = JSON.parse(box.dataset.words);
  const put = (key, fields) => {
    told.textContent = key && texts[key].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  };
  async function send(files) {
    if (!files.length || input.disabled) return;
    input.disabled = true;
    const ids = [], failed = [];
    for (const [place, [name, file]] of files.entries()) {
      put("sending", { n: place + 1, of: files.length });
      try {
        const reply = await fetch("/api/uploads?name=" + encodeURIComponent(name), {
          method: "POST", body: file, headers: { "content-type": "application/octet-stream" },
        });
        const body = await reply.json();
        if (reply.ok) ids.push(body.id);
        else failed.push({ name, reason: body.error.message });
      } catch { failed.push({ name, reason: texts.lost }); }
    }
    input.disabled = false;
    input.value = "";
    put("");
    trigger(event, { ids, failed });
  }
  input.addEventListener("change", () => send([...input.files].map((f) => [f.webkitRelativePath || f.name, f])));
  for (const name of ["dragenter", "dragover", "dragleave", "drop"])
    box.addEventListener(name, (e) => {
      e.preventDefault();
      box.classList.toggle("rp-over", name === "dragenter" || name === "dragover");
    });
  box.addEventListener("drop", async (e) => {
    const entries = [...e.dataTransfer.items].map((i) => i.webkitGetAsEntry()).filter(Boolean);
    const found = (await Promise.all(entries.map(filesBelow))).flat();
    send(input.multiple || input.webkitdirectory ? found : found.slice(0, 1));
  });
}
/* The files of a dropped entry with their names below it, folders and all. */
async function filesBelow(entry) {
  const name = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [[name, await new Promise((good, bad) => entry.file(good, bad))]];
  const reader = entry.createReader(), found = [];
  for (;;) { // a reader gives so many at a time
    const some = await new Promise((good, bad) => reader.readEntries(good, bad));
    if (!some.length) return (await Promise.all(found.map(filesBelow))).flat();
    found.push(...some);
  }
}
