import { npm } from "./installers.js";
import { describeInstaller } from "./matrix.js";
import { kinds, pulumiVersions } from "./programs.js";

// That version asks for TypeScript below 6, which is what Pulumi's templates bring.
describeInstaller(npm, {
	pulumi: pulumiVersions.oldest,
	kinds: kinds.filter(({ name }) => name !== "es-module"),
});
