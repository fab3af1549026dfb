import * as pulumi from "@pulumi/pulumi";
import { mailDomain } from "../dns/index.js";
import type { VerificationArgs } from "./args.js";
import { ChannelsResource } from "./channels-resource.js";
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
		super(
			"Verification",
			name,
			{ verifiedDomain: pulumi.output(args.dnsRecords).apply(domainOf), ...args },
			["checkedAt"],
			options,
		);
	}
}

/** The domain whose records these are, as the wait answers it; what is no list of records is refused by the check. */
const domainOf = (records: DnsRecord[]): string | undefined =>
	Array.isArray(records) ? mailDomain(records.map((record) => String(record?.address))) : undefined;
