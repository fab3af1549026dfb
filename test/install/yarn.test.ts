import { yarn } from "./installers.js";
import { describeInstaller } from "./matrix.js";

describeInstaller(yarn);
