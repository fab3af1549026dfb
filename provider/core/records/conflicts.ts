import type { Words } from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";
import { lines, UserError } from "../errors.js";
import { type ConflictKind, describeSet } from "../zones/sets.js";
import type { Conflict } from "./plan.js";

/** What stands in a zone is in the way. */
export class RecordsConflictError extends UserError {
	constructor(
		code: "records-conflict" | "records-changed-unseen",
		message: Words,
		readonly zoneId: string,
	) {
		super(code, message);
	}
}

/** Refuses, with a diff a person can act on. */
export function conflictError(
	zone: { id: string; name: string },
	conflicts: readonly Conflict[],
	consequence: string,
): UserError {
	const policies = [...new Set(conflicts.map(({ policy }) => policy))];
	const settings = policies.map((policy) => `${policy}: "overwrite"`).join(", ");
	const unseen = conflicts.some((conflict) => conflict.unseen);
	return new RecordsConflictError(
		unseen ? "records-changed-unseen" : "records-conflict",
		lines(
			`Hosted zone ${zone.name} (${zone.id}) already has records where this setup publishes. ${consequence}`,
			...conflicts.flatMap(diff),
			unseen
				? "What was published has been changed since, and no preview has shown it: run `pulumi refresh`, then " +
						"`pulumi preview` shows what `pulumi up` puts back."
				: "If they are those of a SesSetup that was renamed or moved in the program, give it `aliases` instead.",
			`To replace them, set route53.onConflict to { ${settings} }; destroy puts them back. ` +
				`To leave them, use "keep"${policies.some((policy) => policy !== "other") ? ` and wait for another purpose` : ""}.`,
			...policies.map((policy) => advice[policy]),
		),
		zone.id,
	);
}

const advice: Record<ConflictKind, string | undefined> = {
	mx: "Replacing the MX moves all mail of the domain; a subdomain such as mail.example.com avoids that.",
	dmarc: undefined,
	mailFrom:
		"Amazon SES wants the name of a MAIL FROM to itself: one MX record, its own, and no other SPF. Another MAIL FROM name " +
		"avoids that.",
	spf:
		"Two SPF records at a name are an error to receivers (RFC 7208, 4.5). To have both senders, add what the setup's record " +
		'includes to the one that stands there, and leave "spf" out of route53.records.',
	other: undefined,
};

function diff({ name, type, wanted, found }: Conflict): string[] {
	return [
		`  ${name}`,
		...(found.length === 0 ? ["    - (nothing stands there any more)"] : []),
		...found.flatMap((set) => describeSet(set).map((value) => `    - ${value}${ttlOf(set)}`)),
		...(wanted?.map((value) => `    + ${type} ${value}`) ?? [`    + ${type} of the new setup`]),
	];
}

const ttlOf = (set: RecordSetState) => (set.ttl === undefined ? "" : `  (TTL ${set.ttl} s)`);
