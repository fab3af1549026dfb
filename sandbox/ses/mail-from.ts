import { badRequest } from "./errors.js";
import { patienceMs } from "./patience.js";

/** What a resolver answers for the MX records of a name, as `10 host` each (none when there is none), or a failure. */
export type MxLookup = (name: string) => Promise<{ exchangers: string[] } | { failure: string }>;

/** What SES does with mail while the MX record of the MAIL FROM domain does not stand. */
export type MxFailureBehavior = "USE_DEFAULT_VALUE" | "REJECT_MESSAGE";

/** A custom MAIL FROM domain of an identity. */
export interface MailFrom {
	/** In lower case. */
	readonly domain: string;
	behavior: MxFailureBehavior;
	status: "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE";
	/** Since when SES looks for the MX record, in milliseconds since the epoch. */
	lookingSince: number;
	/** When it found that last. */
	lastSuccessAt?: number;
}

/**
 * Refuses a name that is not below the identity's own domain (API reference, PutEmailIdentityMailFromAttributes: "a
 * subdomain of the verified identity"), in the words that users of Terraform's `aws_ses_domain_mail_from` have met.
 */
export function requireBelow(mailFromDomain: string, identity: string): void {
	// Of an address, the part after the @.
	const domain = identity.slice(identity.indexOf("@") + 1);
	if (!mailFromDomain.endsWith(`.${domain}`)) {
		throw badRequest(
			`Provided MAIL-FROM domain <${mailFromDomain}> is not subdomain of the domain of the identity <${domain}>.`,
		);
	}
}

/**
 * Looks the MX record up and moves the status accordingly, as SES does on its own schedule: for 72 hours, counted from
 * the setting or, for a record that has gone, from the last look that found it; then it gives up, and "you have to
 * restart the setup process". A second MX record makes the setup fail (developer guide, "Using a custom MAIL FROM
 * domain", mail-from.html). When it does, and whether another priority will do, nobody tells: here it does at
 * once, and none will. SES does not look for the SPF record.
 */
export async function checkMailFrom(
	mailFrom: MailFrom,
	region: string,
	lookup: MxLookup,
	now: number,
): Promise<void> {
	if (mailFrom.status === "FAILED") return;
	const answer = await lookup(mailFrom.domain);
	if ("failure" in answer) {
		if (mailFrom.status === "SUCCESS") mailFrom.status = "TEMPORARY_FAILURE";
	} else if (isRequired(answer.exchangers, region)) {
		mailFrom.status = "SUCCESS";
		mailFrom.lastSuccessAt = now;
	} else if (answer.exchangers.length > 1 || now - since(mailFrom) > patienceMs) {
		mailFrom.status = "FAILED";
	} else if (mailFrom.lastSuccessAt !== undefined) {
		mailFrom.status = "TEMPORARY_FAILURE";
	}
}

/** One record, with the guide's own priority. */
function isRequired(exchangers: readonly string[], region: string): boolean {
	return (
		exchangers.length === 1 && exchangers[0]?.toLowerCase() === `10 feedback-smtp.${region}.amazonses.com`
	);
}

const since = ({ lastSuccessAt, lookingSince }: MailFrom) => lastSuccessAt ?? lookingSince;
