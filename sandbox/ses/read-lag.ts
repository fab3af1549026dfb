import type { Clock } from "../server-clock.js";
import type { OperationName } from "./ses-operations.js";
import type { SesRegion } from "./state.js";

/** What is asked of whichever server of SES is nearest. */
const reads: ReadonlySet<OperationName> = new Set([
	"GetTenant",
	"GetEmailIdentity",
	"GetConfigurationSet",
	"ListTenants",
	"ListTenantResources",
	"ListResourceTenants",
	"ListEmailIdentities",
	"ListTagsForResource",
]);

/** What refuses whatever it names and does not find, and so meets such a server, too. */
const references: ReadonlySet<OperationName> = new Set([
	"CreateTenantResourceAssociation",
	"PutEmailIdentityMailFromAttributes",
	"TagResource",
]);

/**
 * Servers of SES that hear of a change later than others. Whoever asks meets one of them every second time, each operation
 * by itself, so that two reads may differ, and the second of the same kind is right.
 */
export class ReadLag {
	/** As it was before each of the changes that some server has not heard of. */
	#past: { readonly until: number; readonly ses: SesRegion }[] = [];
	readonly #asked = new Map<OperationName, number>();

	constructor(
		private readonly newest: SesRegion,
		private readonly ms: number,
		private readonly clock: Clock,
	) {}

	/** The states on which an operation works that comes now, one after the other: the answer is the last one's. */
	statesFor(operation: OperationName): SesRegion[] {
		if (this.ms === 0) return [this.newest];
		const now = this.clock.now();
		this.#past = this.#past.filter(({ until }) => until > now);
		const [oldest] = this.#past;
		const late = oldest && this.#isEverySecond(operation) ? oldest.ses : undefined;
		if (reads.has(operation)) return [late ?? this.newest];
		this.#past.push({ until: now + this.ms, ses: this.newest.copy() });
		return late && references.has(operation) ? [withoutAssociations(late), this.newest] : [this.newest];
	}

	#isEverySecond(operation: OperationName): boolean {
		const asked = this.#asked.get(operation) ?? 0;
		this.#asked.set(operation, asked + 1);
		return asked % 2 === 0;
	}
}

/** It is only asked what there is. */
function withoutAssociations(ses: SesRegion): SesRegion {
	const copy = ses.copy();
	for (const { resources } of copy.tenants.values()) resources.clear();
	return copy;
}
