import test from "ava";
import { sameLock } from "./packages.mjs";

const wanted = {
  "": { version: "0.1.0" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/only-mac": { version: "1.0.0", integrity: "sha512-m", optional: true },
  "node_modules/linked": { link: true },
};
const installed = {
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/linked": { link: true },
};

test("an installation without another platform's packages is current", (t) => {
  t.true(sameLock(wanted, installed));
});

test("a package missing, of another version or with other contents is not", (t) => {
  t.false(sameLock(wanted, { "node_modules/linked": { link: true } }));
  t.false(sameLock(wanted, { ...installed, "node_modules/a": { version: "1.0.1", integrity: "sha512-a" } }));
  t.false(sameLock(wanted, { ...installed, "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } }));
});
