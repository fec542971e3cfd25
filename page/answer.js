/* Shows a question and sends the answer. The token stands behind the # of the address, which a
   browser sends to no server; from here it goes into the body of a request, and nowhere else. */
"use strict";

const TOKEN = location.hash.slice(1);
const MOST_ROWS = 100;
const by = (id) => document.getElementById(id);
const sent = { requestId: null, answer: null };

const ACCEPTED = ["Thank you", "Your answer has arrived. You can close this page."];
/* By the type of the problem that the server answers with. */
const ENDS = {
  "already-answered": ["Already answered", "This question has an answer already. The first answer counts."],
  superseded: ["An older link", "The question was asked again. Use the link in the newest message."],
  closed: ["Too late", "An answer to this question is not needed any more."],
  expired: ["This link has expired", "Ask the sender for a new one."],
  "invalid-link": ["This link does not work", "Use the whole link, just as it was sent to you."],
};

function make(tag, text, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) element.textContent = text;
  return element;
}

function show(id) {
  for (const part of ["wait", "asked", "end"]) by(part).hidden = part !== id;
}

function end(title, text, retry) {
  by("end-title").textContent = title;
  by("end-text").textContent = text;
  by("retry").hidden = !retry;
  by("retry").onclick = retry || null;
  show("end");
  by("end").focus();
}

/* Send the token and more to the server. Returns {body} of a success, {end}: what to show of a
   problem, {flaws} of an answer, or {silence}: no connection, or the server cannot answer now. */
async function post(said) {
  let response;
  let body;
  try {
    response = await fetch(location.pathname, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: TOKEN, ...said }),
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    body = await response.json();
  } catch {
    return { silence: true };
  }
  if (response.ok) return { body };
  if (Object.hasOwn(ENDS, body.type)) return { end: ENDS[body.type] };
  if (response.status === 400 && said.request_id) {
    return { flaws: (body.errors || []).map((error) => error.detail) };
  }
  return response.status === 400 ? { end: ENDS["invalid-link"] } : { silence: true };
}

async function open() {
  show("wait");
  const told = await post({});
  if (told.silence) {
    end("No connection", "The question could not be loaded.", open);
  } else if (told.end) {
    end(...told.end);
  } else {
    ask(told.body);
  }
}

function ask(told) {
  document.title = told.question.slice(0, 80);
  by("question").textContent = told.question;
  by("due").textContent = `Please answer by ${moment(told.expires_at)}.`;
  by("context").hidden = !("context" in told);
  by("context").replaceChildren(...("context" in told ? [shown(told.context)] : []));
  by("fields").replaceChildren(...(told.choices ? choices(told.choices) : fields(told.form)));
  by("send").hidden = Boolean(told.choices);
  by("answer").onsubmit = (event) => {
    event.preventDefault();
    if (!told.choices) send(filledIn(told.form));
  };
  show("asked");
}

function moment(text) {
  return new Date(text).toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" });
}

/* What should be known to decide: a text, a table of names and values, or a table of rows. */
function shown(value) {
  if (Array.isArray(value) && value.length && value.every(isObject)) return rows(value);
  if (Array.isArray(value)) return list(value);
  return isObject(value) ? pairs(value) : make("p", plain(value));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function plain(value) {
  if (value === null) return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function list(values) {
  const items = make("ul");
  items.append(...values.slice(0, MOST_ROWS).map((value) => make("li", plain(value))));
  return withRest(items, values.length);
}

function pairs(object) {
  const body = make("tbody");
  for (const [name, value] of Object.entries(object)) {
    const row = make("tr");
    const cell = make("td");
    if (typeof value === "object" && value !== null) cell.append(shown(value));
    else cell.textContent = plain(value);
    row.append(make("th", name, { scope: "row" }), cell);
    body.append(row);
  }
  const table = make("table");
  table.append(body);
  return table;
}

function rows(objects) {
  const names = [...new Set(objects.flatMap(Object.keys))];
  const head = make("tr");
  head.append(...names.map((name) => make("th", name, { scope: "col" })));
  const table = make("table");
  const top = make("thead");
  top.append(head);
  const body = make("tbody");
  for (const object of objects.slice(0, MOST_ROWS)) {
    const row = make("tr");
    const cell = (name) => (Object.hasOwn(object, name) ? plain(object[name]) : "");
    row.append(...names.map((name) => make("td", cell(name))));
    body.append(row);
  }
  table.append(top, body);
  return withRest(table, objects.length);
}

function withRest(element, count) {
  if (count <= MOST_ROWS) return element;
  const both = make("div");
  both.append(element, make("p", `… and ${count - MOST_ROWS} more`));
  return both;
}

function choices(all) {
  return all.map((choice) => make("button", choice, { type: "button", onclick: () => send(choice) }));
}

function fields(form) {
  return Object.entries(form).map(([name, field]) => {
    const id = `field-${name}`;
    const label = make("label", field.label || name, { htmlFor: id });
    if (!field.required) label.append(make("span", " (may be left out)", { className: "hint" }));
    const group = make("div", undefined, { className: "field" });
    group.append(label, input(field, id));
    return group;
  });
}

function input(field, id) {
  if (field.type === "yes_no") {
    const select = make("select", undefined, { id });
    select.append(...[["", ""], ["yes", "true"], ["no", "false"]].map(
      ([text, value]) => make("option", text, { value })));
    return select;
  }
  if (field.type === "text") return make("textarea", undefined, { id, rows: 3 });
  const type = field.type === "date" ? "date" : "text";
  return make("input", undefined, { id, type, inputMode: type === "date" ? "" : "decimal" });
}

function filledIn(form) {
  const answer = {};
  for (const [name, field] of Object.entries(form)) {
    const text = by(`field-${name}`).value.trim();
    if (text) answer[name] = valueOf(field.type, text);
  }
  return answer;
}

function valueOf(type, text) {
  if (type === "yes_no") return text === "true";
  if (type !== "number") return text;
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : text;
}

/* An answer that is sent again, since nobody knows whether it arrived, is the same request. */
async function send(answer) {
  if (sent.requestId === null || JSON.stringify(sent.answer) !== JSON.stringify(answer)) {
    Object.assign(sent, { answer, requestId: newName() });
  }
  busy(true);
  const told = await post({ answer, request_id: sent.requestId });
  busy(false);
  if (told.silence) {
    end("No connection", "Your answer may not have arrived.", () => send(answer));
  } else if (told.flaws) {
    by("flaws").textContent = told.flaws.join("\n");
  } else {
    end(...(told.end || ACCEPTED));
  }
}

function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function busy(isBusy) {
  by("flaws").textContent = "";
  for (const button of document.querySelectorAll("button")) button.disabled = isBusy;
}

/* Another link to this page, opened in the same window, only changes what is behind the #. */
addEventListener("hashchange", () => location.reload());

open();
