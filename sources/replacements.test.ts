import test from "ava";
import { Replacements } from "./replacements.ts";

type Step = "rename" | "change" | "distrust" | "settle";

const cases: readonly { readonly title: string; readonly steps: readonly Step[]; readonly moved: boolean }[] =
  [
    { title: "nothing", steps: ["settle"], moved: false },
    { title: "a move over what was there", steps: ["settle", "rename"], moved: true },
    {
      title: "a write, then a move over what was written",
      steps: ["settle", "change", "rename"],
      moved: true,
    },
    { title: "a removal and a creation", steps: ["settle", "rename", "rename"], moved: false },
    { title: "two moves and a third", steps: ["settle", "rename", "rename", "rename"], moved: false },
    { title: "a move and a write to what was moved", steps: ["settle", "rename", "change"], moved: false },
    {
      title: "a write between a removal and a move",
      steps: ["settle", "rename", "change", "rename"],
      moved: false,
    },
    {
      title: "a move after an earlier one was dealt with",
      steps: ["settle", "rename", "settle", "rename"],
      moved: true,
    },
    { title: "a move that was dealt with", steps: ["settle", "rename", "settle"], moved: false },
    { title: "a move before all is known", steps: ["rename"], moved: false },
    {
      title: "a move after something may have been missed",
      steps: ["settle", "distrust", "rename"],
      moved: false,
    },
    {
      title: "a move before something may have been missed",
      steps: ["settle", "rename", "distrust"],
      moved: false,
    },
    {
      title: "a move after what was missed was found",
      steps: ["settle", "distrust", "settle", "rename"],
      moved: true,
    },
  ];

for (const { title, steps, moved } of cases) {
  test(`${title}: ${moved ? "" : "not "}moved there`, (t) => {
    const replacements = new Replacements();
    for (const step of steps) {
      if (step === "settle") replacements.settle();
      else if (step === "distrust") replacements.distrust();
      else replacements.note("/p/a.yaml", step);
    }
    t.is(replacements.isMovedTo("/p/a.yaml"), moved);
    t.false(replacements.isMovedTo("/p/b.yaml"));
  });
}
