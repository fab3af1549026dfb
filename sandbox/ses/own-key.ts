import { createPrivateKey, createPublicKey } from "node:crypto";
import { badRequest } from "./errors.js";

/**
 * The public key to a private one that a domain's owner brings, as its TXT record has it: SubjectPublicKeyInfo in base64
 * (RFC 6376, 3.6.1, "p=").
 * @param base64 PKCS #1 or #8 without the lines that a PEM file begins and ends with, of at least 1024 bits (API
 * reference, DkimSigningAttributes; developer guide, "Bring your own DKIM", which has 2048 at most)
 * @throws ServiceError BadRequestException
 */
export function publicKeyOf(base64: string): string {
	const der = Buffer.from(base64, "base64");
	for (const type of ["pkcs1", "pkcs8"] as const) {
		try {
			const key = createPublicKey(createPrivateKey({ key: der, format: "der", type }));
			const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
			if (key.asymmetricKeyType === "rsa" && bits >= 1024 && bits <= 2048)
				return key.export({ format: "der", type: "spki" }).toString("base64");
		} catch {
			// Of the other type, or of none.
		}
	}
	throw badRequest("DomainSigningPrivateKey is no RSA key of 1024 to 2048 bits.");
}

/** Whether a TXT record is that of a public key. */
export function isRecordOf(publicKey: string, text: string): boolean {
	const tags = new Map(
		text.split(";").map((tag) => {
			const at = tag.indexOf("=");
			return [tag.slice(0, at).trim(), tag.slice(at + 1).replaceAll(/\s/g, "")];
		}),
	);
	return (tags.get("v") ?? "DKIM1") === "DKIM1" && tags.get("p") === publicKey;
}
