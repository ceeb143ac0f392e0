// TLS towards a destination.

import type { ClientTls } from "../../model/destination.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readChoice,
  readFlag,
  readText,
  readTexts,
  report,
  reportMissing,
  setFields,
} from "../shared/place.ts";

const modes: Readonly<Record<string, ClientTls["mode"]>> = {
  DISABLE: "disable",
  SIMPLE: "simple",
  MUTUAL: "mutual",
  ISTIO_MUTUAL: "mesh",
};

const files = ["clientCertificate", "privateKey", "caCertificates", "caCrl"];

/** Undefined when nothing is written. A block without mode disables TLS, as upstream. */
export function readClientTls(place: Place): ClientTls | undefined {
  if (!isSet(place)) return undefined;
  const mode = readChoice(at(place, "mode"), modes) ?? "disable";
  const insecureSkipVerify = readFlag(at(place, "insecureSkipVerify")) ?? false;
  switch (mode) {
    case "disable":
    case "mesh":
      reportUnused(place, mode);
      break;
    case "simple":
    case "mutual":
      checkCredentials(place, mode);
      if (insecureSkipVerify) checkSkippedVerification(place, mode);
      break;
  }
  return compact<ClientTls>({
    mode,
    clientCertificate: readText(at(place, "clientCertificate")),
    privateKey: readText(at(place, "privateKey")),
    caCertificates: readText(at(place, "caCertificates")),
    credentialName: readText(at(place, "credentialName")),
    subjectAltNames: readTexts(at(place, "subjectAltNames")),
    sni: readText(at(place, "sni")),
    insecureSkipVerify,
    origin: originAt(place),
  });
}

function reportUnused(place: Place, mode: "disable" | "mesh"): void {
  const name = mode === "mesh" ? "ISTIO_MUTUAL" : "DISABLE";
  for (const field of setFields(place, [...files, "credentialName"])) {
    report(at(place, field), "ineffective-field", `"${field}" has no effect in mode ${name}`);
  }
}

function checkCredentials(place: Place, mode: "simple" | "mutual"): void {
  if (isSet(at(place, "credentialName"))) {
    for (const field of setFields(place, files)) {
      report(at(place, field), "conflicting-fields", `"${field}" and "credentialName" exclude each other`);
    }
    return;
  }
  if (mode === "simple") return;
  for (const field of ["clientCertificate", "privateKey"]) {
    if (readText(at(place, field)) === undefined) reportMissing(place, field, "mode MUTUAL needs it");
  }
}

function checkSkippedVerification(place: Place, mode: "simple" | "mutual"): void {
  const pointless = ["caCertificates", "subjectAltNames", ...(mode === "simple" ? ["credentialName"] : [])];
  for (const field of setFields(place, pointless)) {
    const message = `"${field}" cannot be checked when "insecureSkipVerify" is true`;
    report(at(place, field), "conflicting-fields", message);
  }
  const message = "anybody can pretend to be the destination: its certificate is not verified";
  report(at(place, "insecureSkipVerify"), "insecure-setting", message);
}
