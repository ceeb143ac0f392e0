// The one sentence that matters in what Envoy prints when it refuses a configuration.

/** Without time stamps, the path of the file, and the copy of the configuration that some complaints come with. */
export function readEnvoyMessage(output: string): string {
  const crash = /Envoy died of \w+|Caught (?:Segmentation fault|Aborted)/.exec(output)?.[0];
  const last = output.lastIndexOf("error initializing configuration '");
  const complaint = last === -1 ? output : output.slice(output.indexOf("': ", last) + 3);
  // After the copy, the complaint goes on at the beginning of a line.
  const dump = complaint.lastIndexOf("\n: ");
  const message = (dump === -1 ? complaint : complaint.slice(dump + 3)).trim();
  if (crash === undefined) return message.replaceAll(/\s*\n\s*/g, " ");
  const reason = message.split("\n").find((line) => /assert|failure|terminat/i.test(line));
  return reason === undefined ? `${crash}` : `${crash}: ${reason.replace(/^(?:\[[^\]]*\])+\s*/, "")}`;
}
