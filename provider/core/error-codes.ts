/**
 * What an error of the provider is called, whatever its words: each has an entry in `docs/troubleshooting.md`. A code is
 * never given another meaning.
 */
export const errorCodes = [
	// Settings, arguments and the program.
	"setting-missing",
	"setting-invalid",
	"api-key-in-clear",
	"node-too-old",
	"argument-invalid",
	"names-declared-twice",
	"import-unsupported",
	"get-unsupported",
	// The zone.
	"zone-not-found",
	"zone-ambiguous",
	"zone-id-wrong",
	"zone-not-delegated",
	"zone-delegated-below",
	"zone-gone",
	"records-unsafe",
	"records-unexpected",
	"records-conflict",
	"records-changed-unseen",
	"wait-never-ends",
	"records-not-served",
	"dns-unanswered",
	// The setup.
	"workspace-changed",
	"account-changed",
	"setup-not-found",
	"setup-exists",
	"setup-perhaps-ours",
	"setup-left-behind",
	"setup-gone",
	"names-taken",
	"names-busy",
	"exists-upstream",
	"identity-without-dkim",
	"identity-in-other-tenant",
	"names-retained",
	"create-in-doubt",
	"setup-in-use",
	"use-cases-unknown",
	"gone-unproven",
	"api-timeout",
	// The wait.
	"records-not-verified",
	"records-not-asked-for",
	"nothing-to-wait-for",
	"stopped",
	// AWS.
	"route53-denied",
	"route53-refused",
	"route53-outdated",
	"route53-busy",
	"route53-unanswered",
	"ses-denied",
	"ses-refused",
	"ses-unanswered",
	"aws-credentials-missing",
	"aws-credentials-refused",
	"aws-mfa-required",
	"aws-role-not-assumed",
	"aws-account-not-allowed",
	"aws-certificates-unreadable",
	"aws-tls-untrusted",
	// A bug of ours.
	"unexpected",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** A message as a person reads it, who may look its code up. */
export const withCode = (message: string, code: ErrorCode): string => `${message} [${code}]`;
