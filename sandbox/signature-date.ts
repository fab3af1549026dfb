import { ServiceError } from "./errors.js";
import type { Clock } from "./server-clock.js";

const toleranceMs = 5 * 60_000;
const dayMs = 24 * 60 * 60_000;

/**
 * The time by which signatures are judged and answers dated. Clients sign by the machine's clock, so a clock that
 * a test has set to another day altogether says nothing about them.
 */
export function signatureTime(clock: Clock): number {
	const now = clock.now();
	return Math.abs(now - Date.now()) < dayMs ? now : Date.now();
}

/**
 * Refuses a signature that is more than five minutes old or early, in Route 53's and STS's words:
 * https://github.com/crazy-max/ddns-route53/issues/40 (expired),
 * https://github.com/kubernetes-sigs/external-dns/issues/1626 (not yet current). Services with JSON say the same as
 * InvalidSignatureException: https://github.com/aws/aws-sdk-js/issues/254, https://github.com/aws/aws-sdk-js/issues/1652.
 *
 * @throws ServiceError 403 SignatureDoesNotMatch
 */
export function refuseSkewed(headers: Readonly<Record<string, string | undefined>>, clock: Clock): void {
	const written = headers["x-amz-date"];
	const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(written ?? "");
	if (!parts) return;
	const [, year, month, day, hour, minute, second] = parts;
	const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
	const now = signatureTime(clock);
	const refuse = (message: string) => {
		throw new ServiceError(403, "SignatureDoesNotMatch", message);
	};
	if (signed < now - toleranceMs) {
		refuse(
			`Signature expired: ${written} is now earlier than ${basic(now - toleranceMs)} (${basic(now)} - 5 min.)`,
		);
	}
	if (signed > now + toleranceMs) {
		refuse(
			`Signature not yet current: ${written} is still later than ${basic(now + toleranceMs)} (${basic(now)} + 5 min.)`,
		);
	}
}

/** `20261124T070000Z` */
const basic = (time: number) => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
