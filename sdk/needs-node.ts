import { nodeProblem } from "./node-version.js";

const problem = nodeProblem();
if (problem !== undefined) throw new Error(`${problem} [node-too-old]`);
