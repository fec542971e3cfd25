// Preloaded into Azurite (node --require): its time is the machine's plus an offset that the host
// sets, and the host learns when each hidden message will be seen again.
//
// DEVHOST_CLOCK_OFFSET names a file with milliseconds to add; DEVHOST_QUEUE_DEADLINES names a file
// that gets one line per answer: "<message id> <milliseconds since 1970>", or "<message id> gone".
"use strict";

const fs = require("node:fs");
const http = require("node:http");

const offsetFile = process.env.DEVHOST_CLOCK_OFFSET;
const deadlinesFile = process.env.DEVHOST_QUEUE_DEADLINES;
const MachineDate = Date;

const now = () => MachineDate.now() + Number(fs.readFileSync(offsetFile, "utf8"));

globalThis.Date = new Proxy(MachineDate, {
  construct: (target, values, made) =>
    Reflect.construct(target, values.length ? values : [now()], made),
  apply: () => new MachineDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

// Azurite answers in whole seconds, cut off: the message is seen again within the second after.
const dueBy = (text) => MachineDate.parse(text) + 1000;
const note = (message, due) => fs.appendFileSync(deadlinesFile, `${message} ${due}\n`);
const messageOf = (request) => /\/messages\/([^/?]+)/.exec(request.url)?.[1];
const HIDDEN = /<MessageId>([^<]+)<\/MessageId>(?:(?!<MessageId>).)*?<TimeNextVisible>([^<]+)</gs;

const { setHeader, write, end } = http.ServerResponse.prototype;

// Each note is on file before the answer is on its way.
http.ServerResponse.prototype.setHeader = function (name, value) {
  const message = messageOf(this.req);
  if (message && name.toLowerCase() === "x-ms-time-next-visible") note(message, dueBy(value));
  return setHeader.call(this, name, value);
};

http.ServerResponse.prototype.write = function (chunk, ...rest) {
  if (typeof chunk === "string" && /\/messages(\?|$)/.test(this.req.url)) {
    for (const [, message, text] of chunk.matchAll(HIDDEN)) note(message, dueBy(text));
  }
  return write.call(this, chunk, ...rest);
};

http.ServerResponse.prototype.end = function (...rest) {
  const message = messageOf(this.req);
  if (message && this.req.method === "DELETE" && this.statusCode === 204) note(message, "gone");
  return end.apply(this, rest);
};
