#pragma once

/*
 * Nothing to call: a program that this is linked into records, if SLUICE_SEALS names a path, each
 * (key, nonce) pair that it gives OpenSSL to seal with.
 */
