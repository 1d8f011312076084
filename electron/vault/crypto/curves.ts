/** The three curves of NIST (SP 800-186 §3.2.1) in `@noble/curves`, for what the platform does not do: digests, points in every form, their numbers. */
import { p256, p384, p521 } from '@noble/curves/nist.js';

export const curves = { 'ec-p256': p256, 'ec-p384': p384, 'ec-p521': p521 } as const;
