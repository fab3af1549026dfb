/** How much of a sentence is repeated. */
const longest = 300;

/**
 * What may stand for a credential, whatever sentence it is in. AWS's own forms: access keys (the IAM user guide,
 * "Unique identifiers"), 40 characters of a secret key, tokens, signatures in hexadecimal.
 */
const secrets: readonly [RegExp, string][] = [
	[/\b(?:A3T[A-Z0-9]|A[A-Z]{3})[A-Z0-9]{12,}\b/g, "(hidden)"],
	[/\b(Bearer|Basic)\s+\S+/gi, "$1 (hidden)"],
	[
		/\b([\w-]*(?:secret|token|password|passwd|credential|signature|access-?key|api-?key)[\w-]*["']?\s*[=:]\s*)["']?[^\s"',;&]+/gi,
		"$1(hidden)",
	],
	[/\/\/[^\s/@]+@/g, "//(hidden)@"],
	[/\b[0-9a-f]{40,}\b/gi, "(hidden)"],
	[/(?=[a-z0-9+/=]*[A-Z])[A-Za-z0-9+/=]{40,}/g, "(hidden)"],
];

/** Somebody else's sentence, fit to be repeated to a client: on one line, of bounded length, without secrets. */
export function repeatable(sentence: string): string {
	// Bounded before the search, too, which may take long over a long text.
	const line = sentence
		.slice(0, 10 * longest)
		.replace(/[\s\p{Cc}]+/gu, " ")
		.trim();
	const safe = secrets.reduce((text, [secret, instead]) => text.replace(secret, instead), line);
	return safe.length > longest ? `${safe.slice(0, longest - 1)}…` : safe;
}
