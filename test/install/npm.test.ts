import { npm } from "./installers.js";
import { describeInstaller } from "./matrix.js";

describeInstaller(npm);
