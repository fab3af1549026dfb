import type { Clock } from "../server-clock.js";
import type { OperationName } from "./ses-operations.js";
import type { SesRegion } from "./state.js";

/** What is asked of whichever server of SES is nearest. What refuses or changes something goes by the newest state. */
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

/**
 * Servers of SES that hear of a change later than others. Who reads meets one of them every second time, each operation
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

	/** The state on which an operation works that comes now. */
	stateFor(operation: OperationName): SesRegion {
		if (this.ms === 0) return this.newest;
		const now = this.clock.now();
		this.#past = this.#past.filter(({ until }) => until > now);
		if (!reads.has(operation)) {
			this.#past.push({ until: now + this.ms, ses: this.newest.copy() });
			return this.newest;
		}
		const [oldest] = this.#past;
		if (!oldest) return this.newest;
		const asked = this.#asked.get(operation) ?? 0;
		this.#asked.set(operation, asked + 1);
		return asked % 2 === 0 ? oldest.ses : this.newest;
	}
}
