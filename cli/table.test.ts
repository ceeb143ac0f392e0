import test from "ava";
import { renderTable } from "./table.ts";

test("columns are as wide as their widest cell, and colours count for nothing", (t) => {
  const red = (text: string) => `<${text}>`;
  t.is(
    renderTable(
      ["NAME", "STATE"],
      [
        ["a-long-name", { text: "BAD", paint: red }],
        [{ text: "b", paint: red }, ""],
      ],
    ),
    "NAME          STATE\na-long-name   <BAD>\n<b>             -\n",
  );
});
