/** Response codes as their mnemonics (RFC 1035, 4.1.1). */
export type ResponseCode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

export interface LookupResult {
	readonly rcode: ResponseCode;
	/** The values found of the type asked for, as Route 53 writes them, e.g. `10 mail.acme.com` or `"v=DMARC1"`. */
	readonly values: readonly string[];
}

/**
 * One look-up in the sandbox's DNS without a socket, subject to the faults of service `dns` like any other; what a
 * server of the sandbox that checks DNS (SES) is given.
 * @throws Error when the query stays unanswered
 */
export type Lookup = (name: string, type: string) => Promise<LookupResult>;
