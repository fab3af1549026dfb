import { bun } from "./installers.js";
import { describeInstaller } from "./matrix.js";

describeInstaller(bun);
