import { pnpm } from "./installers.js";
import { describeInstaller } from "./matrix.js";

describeInstaller(pnpm);
