// Draws the interface's description, and sends requests by hand. No text from outside becomes markup: everything is textContent.
const place = document.getElementById("operations");

function add(parent, tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function field(form, name, type) {
  const label = add(form, "label", `${name} `);
  const input = add(label, "input");
  input.name = name;
  input.type = type;
  input.multiple = name === "baseline";
  return input;
}

function fieldsOf(operation, path) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => ({ name: match[1], type: "text" }));
  const baseline = { name: "baseline", type: "file" };
  const schema = operation.requestBody?.content?.["multipart/form-data"] && (path.endsWith("/baselines") ? [baseline] : [
    { name: "media", type: "file" }, { name: "text", type: "text" }, { name: "transcript", type: "file" },
    { name: "speaker", type: "text" }, baseline, { name: "options", type: "text" },
  ]);
  return { inPath, inBody: schema ?? [] };
}

async function send(method, path, fields, form, output) {
  output.textContent = "…";
  let url = path;
  for (const { name } of fields.inPath) url = url.replace(`{${name}}`, encodeURIComponent(form.elements[name].value));
  const headers = {};
  const key = document.getElementById("key").value;
  if (key) headers.Authorization = `Bearer ${key}`;
  let body;
  if (fields.inBody.length > 0) {
    body = new FormData();
    for (const { name, type } of fields.inBody) {
      const input = form.elements[name];
      if (type === "file") for (const file of input.files) body.append(name, file);
      else if (input.value) body.append(name, input.value);
    }
  }
  try {
    const response = await fetch(url, { method, headers, body });
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not every answer is JSON */ }
    output.textContent = `${response.status} ${response.statusText}\n${response.headers.get("Location") ?? ""}\n${shown}`;
  } catch (error) {
    output.textContent = String(error);
  }
}

function draw(path, method, operation) {
  const box = add(place, "details");
  const summary = add(box, "summary");
  add(summary, "code", `${method.toUpperCase()} ${path}`);
  summary.append(` ${operation.summary ?? ""}`);
  const fields = fieldsOf(operation, path);
  const form = add(box, "form");
  for (const { name, type } of [...fields.inPath, ...fields.inBody]) field(form, name, type);
  add(form, "button", "Send").type = "submit";
  const output = add(box, "pre", "");
  output.setAttribute("aria-live", "polite");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(method.toUpperCase(), path, fields, form, output);
  });
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    for (const [type, content] of Object.entries(response.content ?? {})) {
      if (content.example === undefined || type.includes("problem")) continue;
      add(box, "p", `Example of ${status}, ${type}:`);
      add(box, "pre", JSON.stringify(content.example, null, 2));
    }
  }
}

fetch("/openapi/v1.json").then((response) => response.json()).then((description) => {
  place.textContent = "";
  for (const [path, operations] of Object.entries(description.paths))
    for (const [method, operation] of Object.entries(operations)) draw(path, method, operation);
}).catch((error) => { place.textContent = String(error); });
