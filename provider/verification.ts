import * as pulumi from "@pulumi/pulumi";
import { mailDomain } from "../dns/index.js";
import type { VerificationArgs } from "./args.js";
import { defaults } from "./arguments/description.js";
import { ofKinds } from "./arguments/record-kinds.js";
import { ChannelsResource } from "./channels-resource.js";
import { underMocks } from "./mocks.js";
import type { CheckedDnsRecord, DnsRecord } from "./shapes.js";

/**
 * The wait until the records of a setup are verified. It changes nothing anywhere, so it may time out, be
 * cancelled or be killed at any moment; the next `pulumi up` resumes it.
 *
 * Its id is the setup's UUID.
 */
export class Verification extends ChannelsResource {
	/** Id of the setup that is waited for. */
	declare readonly setupId: pulumi.Output<string>;
	/** The records with `verified`, as they stood when the wait ended or at the last refresh. */
	declare readonly dnsRecords: pulumi.Output<CheckedDnsRecord[]>;
	/** The domain; in an `up` it resolves only once it is verified. */
	declare readonly verifiedDomain: pulumi.Output<string>;
	/** When the API last looked, ISO 8601. */
	declare readonly checkedAt: pulumi.Output<string>;

	/** @throws when the option `import` is given. */
	constructor(name: string, args: VerificationArgs, options: pulumi.CustomResourceOptions = {}) {
		const { verifiedDomain = pulumi.output(args.dnsRecords).apply(domainOf), ...inputs } =
			args as VerificationArgs & Foreseen;
		// The domain is no input: where a resource is not made, the engine hands its inputs out as its outputs.
		super("Verification", name, inputs, ["verifiedDomain", "checkedAt"], options);
		const { verifiedDomain: told, dnsRecords: checked } = this;
		const foreseen = pulumi.all([verifiedDomain, this.urn]).apply(([domain]) => domain as string);
		if (pulumi.runtime.isDryRun()) {
			// Known, though the provider has not told it, so that what depends on it is not replaced for a record that is
			// checked anew.
			this.verifiedDomain = foreseen;
			this.dnsRecords = checked.apply((records) => foreseenRecords(records, inputs));
		} else if (underMocks()) {
			this.verifiedDomain = pulumi.all([told, foreseen]).apply(([domain, instead]) => domain ?? instead);
		} else {
			// What is not in the state has no id: a create that failed, or that `--target` or `--exclude` left out.
			this.verifiedDomain = pulumi.all([told, this.id]).apply(([domain]) => domain ?? unknown);
			this.dnsRecords = pulumi.all([checked, this.id]).apply(([records]) => records);
		}
	}
}

/** What `SesSetup` knows in a preview in which the records are not known. */
type Foreseen = Partial<Pick<Verification, "verifiedDomain">> & { published?: unknown };

const unknown = pulumi.unknown as unknown as string;

/** The domain whose records these are, as the wait answers it; what is no list of records is refused by the check. */
const domainOf = (records: DnsRecord[]): string | undefined =>
	Array.isArray(records) ? mailDomain(records.map((record) => String(record?.address))) : undefined;

/** What the wait will answer: what it needs where nothing says otherwise is verified then; of others nobody knows. */
function foreseenRecords(
	records: CheckedDnsRecord[],
	{ purpose, published }: VerificationArgs & Foreseen,
): CheckedDnsRecord[] {
	if (!Array.isArray(records)) return records;
	const isUsual = purpose === undefined && published === undefined;
	const needed = isUsual ? ofKinds(records, domainOf(records) ?? "", defaults.records) : [];
	return records.map(
		(record: DnsRecord) =>
			({
				verified: needed.some((each) => each === record) ? true : pulumi.unknown,
				...record,
			}) as CheckedDnsRecord,
	);
}
