# Opens an encrypted file from ENCRYPTED-FILE.md alone. Arguments: key file, encrypted file, output file.
import sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

key = open(sys.argv[1], "rb").read()
data = open(sys.argv[2], "rb").read()
assert data[:16] == b"strongroom-file\n" and data[16] == 1
aad, salt, commitment, iv, sealed = data[:81], data[49:81], data[81:113], data[113:125], data[125:173]
file_key = AESGCM(key).decrypt(iv, sealed, aad)
both = HKDF(SHA256(), 64, salt, b"strongroom/v1/file-payload\0" + aad).derive(file_key)
assert both[32:] == commitment
body, plain, chunk = data[173:], b"", 65536 + 16
count = max(1, (len(body) + chunk - 1) // chunk)
for index in range(count):
    nonce = index.to_bytes(11, "big") + (b"\1" if index == count - 1 else b"\0")
    plain += AESGCM(both[:32]).decrypt(nonce, body[index * chunk:(index + 1) * chunk], b"")
open(sys.argv[3], "wb").write(plain)
