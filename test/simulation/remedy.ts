import { canonicalName } from "../../dns/index.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import type { Scene } from "./scene.js";
import type { KnownSetup } from "./setups.js";
import type { Team } from "./team.js";

/** What a person does by the code of a failure, where it is true. */
export type Remedy = (
	scene: Scene,
	team: Team,
	declared: DeclaredSetup,
	cause: unknown,
	round: number,
) => string | undefined;

/** What was in the way has gone in the same run. Where it has not, the life does not heal. */
export const again = ({ name }: DeclaredSetup) => `${name} is tried again`;

export const isOfNames = (
	{ tenantName, domain }: Pick<KnownSetup, "tenantName" | "domain">,
	declared: DeclaredSetup,
) => tenantName === declared.tenantName || domain === canonicalName(declared.domainIdentity);
