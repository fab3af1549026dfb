/**
 * Regions in which SES receives mail (docs.aws.amazon.com/general/latest/gr/ses.html, "Email receiving
 * endpoints"). It sends from more.
 */
export const inboundRegions: readonly string[] = [
	"af-south-1",
	"ap-northeast-1",
	"ap-northeast-2",
	"ap-northeast-3",
	"ap-south-1",
	"ap-southeast-1",
	"ap-southeast-2",
	"ap-southeast-3",
	"ca-central-1",
	"eu-central-1",
	"eu-north-1",
	"eu-south-1",
	"eu-west-1",
	"eu-west-2",
	"eu-west-3",
	"il-central-1",
	"me-south-1",
	"sa-east-1",
	"us-east-1",
	"us-east-2",
	"us-west-1",
	"us-west-2",
];

/**
 * Regions whose DKIM keys lie in a zone of their own (docs.aws.amazon.com/general/latest/gr/ses.html, "DKIM
 * domains").
 */
const regionalDkimZones: readonly string[] = [
	"af-south-1",
	"ap-northeast-3",
	"ap-south-2",
	"ap-southeast-3",
	"ap-southeast-5",
	"ca-west-1",
	"eu-central-2",
	"eu-south-1",
	"il-central-1",
	"me-central-1",
	"us-gov-east-1",
];

/** The zone in which SES publishes DKIM keys, for answers that do not name it. */
export function dkimZone(region: string): string {
	return regionalDkimZones.includes(region) ? `dkim.${region}.amazonses.com` : "dkim.amazonses.com";
}

/** Where the MX record of a MAIL FROM domain points (the same page, "Feedback endpoints"). */
export function feedbackHost(region: string): string {
	return `feedback-smtp.${region}.amazonses.com`;
}

/** Where a domain's MX record points. */
export function inboundHost(region: string): string {
	return `inbound-smtp.${region}.amazonaws.com`;
}
