import type { SesDiagnosis } from "../../sdk/contract.js";
import type { MailFromStatus } from "../objects/found.js";
import { mailFromOf } from "./mail-from.js";
import type { Remedies } from "./remedies.js";
import type { SetupInSes } from "./setup.js";

type MailFromWord = Required<
	Pick<SesDiagnosis, "mail_from_domain" | "mail_from_status" | "mail_from_reason">
>;

/** Nothing is said of it. */
export const noMailFrom: MailFromWord = {
	mail_from_domain: null,
	mail_from_status: null,
	mail_from_reason: null,
};

/** SES's word on the MAIL FROM domain of a setup, whose identity it is. */
export function describeMailFrom(
	mailFrom: MailFromStatus | undefined,
	setup: SetupInSes,
	remedies: Remedies,
): MailFromWord {
	return {
		mail_from_domain: mailFrom?.domain ?? null,
		mail_from_status: mailFrom?.status ?? null,
		mail_from_reason: reasonOf(mailFrom, setup, remedies),
	};
}

/**
 * By the documentation of SES, "Using a custom MAIL FROM domain" (mail-from.html), its table of states.
 * @returns null while it is in use, and where there is none
 */
function reasonOf(
	mailFrom: MailFromStatus | undefined,
	setup: SetupInSes,
	remedies: Remedies,
): string | null {
	const wanted = mailFromOf(setup);
	if (wanted !== undefined && wanted !== mailFrom?.domain)
		return `The MAIL FROM domain in SES is ${mailFrom?.domain ?? "one of SES's own"}, and not ${wanted}: it was changed there by other hands. ${remedies.setMailFrom(setup)}`;
	if (mailFrom === undefined) return null;
	const { domain, status, behavior } = mailFrom;
	const meanwhile =
		behavior === "REJECT_MESSAGE"
			? "Until then SES rejects mail."
			: "Until then SES uses a domain of its own.";
	switch (status) {
		case "SUCCESS":
			return null;
		case "PENDING":
			return `SES has not found the MX record of ${domain} yet. It looks for it by itself for 72 hours. ${meanwhile}`;
		case "TEMPORARY_FAILURE":
			return `SES no longer finds the MX record of ${domain}. It looks again by itself for 72 hours. ${meanwhile}`;
		case "FAILED":
			return `SES has given up on the MX record of ${domain}, as it does after 72 hours without it, or where another stands beside it. ${wanted === undefined ? "Set the MAIL FROM domain in SES again." : remedies.lookAgain("once that stands alone")} ${meanwhile}`;
		default:
			return `SES says nothing of the MX record of ${domain} (${status ?? "no status"}).`;
	}
}
