// Preloaded into Azurite (node --require): it closes in order when its host ends, however that ends.
//
// Azurite keeps its tables in memory and saves them every five seconds and when it closes, so it
// must be asked to close. The host holds the other end of standard input; the kernel closes that
// end with the host, even where the host was killed.
"use strict";

let closing = false;

process.on("SIGTERM", () => {
  // Azurite listens once: a second signal, on its way when the first was obeyed, would end the
  // process before it has saved. Where Azurite does not listen yet, nothing was stored either.
  if (!closing && process.listenerCount("SIGTERM") === 1) process.exit(0);
  closing = true;
});

const ask = () => process.emit("SIGTERM");
process.stdin.on("end", ask).on("error", ask).resume();
process.stdin.unref?.(); // waiting for the host's end must not keep the process alive

// With the host its ears are gone: what Azurite prints while it closes must not end it.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
