/** What the kinds of records are called. */
export const labels = { dkim: "DKIM", mx: "MX", dmarc: "DMARC", other: "record" } as const;
