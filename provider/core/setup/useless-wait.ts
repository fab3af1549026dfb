import type { WaitPurpose } from "../../arguments/inputs.js";
import { kindsFor } from "../../arguments/record-kinds.js";
import { lines, UserError } from "../errors.js";
import type { Conflict } from "../records/plan.js";

/** Says no, with what became of the setup, in a sentence. */
export type Refusal = (consequence: string) => UserError;

/** Refuses a wait for a record that is kept from being published: it would never end. Undefined where the two get along. */
export function uselessWait(
	kept: readonly Conflict[],
	purpose: WaitPurpose | readonly WaitPurpose[],
): Refusal | undefined {
	const missing = kept.filter(({ kind }) => kindsFor(purpose).includes(kind));
	if (missing.length === 0) return undefined;
	const possible = (["sending", "receiving"] as const).filter((other) =>
		kept.every(({ kind }) => !kindsFor(other).includes(kind)),
	);
	const [only, ...more] = possible;
	const what = missing.map(({ name, type }) => `${type} ${name}`).join(" and ");
	const wait = purpose === "published" ? "what is published" : `purpose ${JSON.stringify(purpose)}`;
	const keeps = `route53.onConflict keeps what stands at ${what}, so the wait for ${wait} could never end.`;
	const advice = only
		? `Set waitForVerification to { purpose: ${more.length > 0 ? `[${possible.map((each) => `"${each}"`).join(", ")}]` : `"${only}"`} }, or overwrite.`
		: "Do not wait (waitForVerification: false), or overwrite.";
	return (consequence) => new UserError("wait-never-ends", lines(`${keeps} ${consequence}`, advice));
}
