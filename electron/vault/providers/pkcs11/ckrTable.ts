/**
 * Every CKR_ number of PKCS#11 v2.40 and v3.0 (§3.6, §5.1): the product's code, a sentence for people, a next step.
 * `data` marks the numbers that can follow from the bytes that were to be opened: for decryption and unwrapping they all become one code and one text.
 */
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';

export interface CkrEntry {
  readonly name: string;
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly nextStep?: string;
  readonly data?: true;
}

const replug = 'check that the token is plugged in, then try again';
const other = 'choose another algorithm or format; "token info" lists what the token can do';
const again = 'try again; if it stays so, restart the token or its service';
const vendor = "look the module up in its vendor's documentation, or use a newer version of it";
const notAgain = "the token's owner can unlock it with the SO PIN";

type Row = readonly [number, string, ErrorCode, string, (string | undefined)?, 'data'?];

const rows: readonly Row[] = [
  [0x001, 'CKR_CANCEL', 'declined', 'the operation was cancelled at the token'],
  [0x002, 'CKR_HOST_MEMORY', 'token-refused', 'the module has not enough memory', again],
  [0x003, 'CKR_SLOT_ID_INVALID', 'token-absent', 'the slot is not there any more', replug],
  [0x005, 'CKR_GENERAL_ERROR', 'token-refused', 'the module failed without saying why', again, 'data'],
  [0x006, 'CKR_FUNCTION_FAILED', 'token-refused', 'the token could not finish the operation', again, 'data'],
  [0x007, 'CKR_ARGUMENTS_BAD', 'token-refused', 'the module does not accept these arguments', other, 'data'],
  [0x008, 'CKR_NO_EVENT', 'token-refused', 'the module has no event to report'],
  [0x009, 'CKR_NEED_TO_CREATE_THREADS', 'module-load-failed', 'the module must create threads of its own', vendor],
  [0x00a, 'CKR_CANT_LOCK', 'module-load-failed', 'the module cannot lock as it was asked to', vendor],
  [0x010, 'CKR_ATTRIBUTE_READ_ONLY', 'token-refused', 'an attribute cannot be changed on this token', 'where a key was to leave the token later, ask for one that stays: some tokens let nothing leave that they unwrapped'],
  [0x011, 'CKR_ATTRIBUTE_SENSITIVE', 'token-refused', 'an attribute is secret and stays on the token'],
  [0x012, 'CKR_ATTRIBUTE_TYPE_INVALID', 'token-cannot', 'the token does not know one of the attributes', vendor],
  [0x013, 'CKR_ATTRIBUTE_VALUE_INVALID', 'token-refused', 'the token does not accept the value of an attribute', other],
  [0x01b, 'CKR_ACTION_PROHIBITED', 'token-refused', "the object's own attributes prohibit this"],
  [0x020, 'CKR_DATA_INVALID', 'token-refused', 'the token does not accept this data', undefined, 'data'],
  [0x021, 'CKR_DATA_LEN_RANGE', 'token-refused', 'the data is too short or too long for this mechanism', undefined, 'data'],
  [0x030, 'CKR_DEVICE_ERROR', 'token-refused', 'the token has a problem', again],
  [0x031, 'CKR_DEVICE_MEMORY', 'token-refused', 'the token is full', 'destroy keys that are no longer needed, or use another token'],
  [0x032, 'CKR_DEVICE_REMOVED', 'token-absent', 'the token was removed', replug],
  [0x040, 'CKR_ENCRYPTED_DATA_INVALID', 'decrypt-failed', 'the encrypted data cannot be opened', undefined, 'data'],
  [0x041, 'CKR_ENCRYPTED_DATA_LEN_RANGE', 'decrypt-failed', 'the encrypted data has a length that cannot be', undefined, 'data'],
  [0x042, 'CKR_AEAD_DECRYPT_FAILED', 'decrypt-failed', 'the encrypted data or what goes with it was changed', undefined, 'data'],
  [0x050, 'CKR_FUNCTION_CANCELED', 'declined', 'the operation was cancelled at the token'],
  [0x051, 'CKR_FUNCTION_NOT_PARALLEL', 'token-refused', 'no operation runs beside this one'],
  [0x054, 'CKR_FUNCTION_NOT_SUPPORTED', 'token-cannot', 'the module does not have this function', other],
  [
    0x060,
    'CKR_KEY_HANDLE_INVALID',
    'token-key-missing',
    'the key is not on the token any more',
    "list the token's keys: another program may have destroyed it",
  ],
  [0x062, 'CKR_KEY_SIZE_RANGE', 'token-cannot', 'the token does not work with keys of this size', other],
  [0x063, 'CKR_KEY_TYPE_INCONSISTENT', 'token-refused', 'the key is of another type than the mechanism needs', other],
  [0x064, 'CKR_KEY_NOT_NEEDED', 'token-refused', 'a key was given that is not needed'],
  [0x065, 'CKR_KEY_CHANGED', 'token-refused', 'the key is another one than before'],
  [0x066, 'CKR_KEY_NEEDED', 'token-refused', 'a key is needed that was not given'],
  [0x067, 'CKR_KEY_INDIGESTIBLE', 'token-refused', 'the key cannot be hashed'],
  [0x068, 'CKR_KEY_FUNCTION_NOT_PERMITTED', 'token-refused', "the key's attributes do not allow this use", 'use a key that was made for this purpose'],
  [
    0x069,
    'CKR_KEY_NOT_WRAPPABLE',
    'token-refused',
    'the key may be wrapped by trusted keys only (CKA_WRAP_WITH_TRUSTED)',
    "let the token's SO mark the wrapping key as trusted",
  ],
  [
    0x06a,
    'CKR_KEY_UNEXTRACTABLE',
    'token-refused',
    'the key never leaves the token (CKA_EXTRACTABLE is false)',
    'make a key that is exportable, if the policy allows it',
  ],
  [0x070, 'CKR_MECHANISM_INVALID', 'token-cannot', 'the token does not have this mechanism', other],
  [0x071, 'CKR_MECHANISM_PARAM_INVALID', 'token-cannot', 'the token does not accept the parameters of this mechanism', other],
  [
    0x082,
    'CKR_OBJECT_HANDLE_INVALID',
    'token-key-missing',
    'the object is not on the token any more',
    "list the token's keys: another program may have destroyed it",
  ],
  [0x090, 'CKR_OPERATION_ACTIVE', 'token-refused', 'an earlier operation is not finished', again],
  [0x091, 'CKR_OPERATION_NOT_INITIALIZED', 'token-refused', 'the operation was not begun', again],
  [0x0a0, 'CKR_PIN_INCORRECT', 'pin-wrong', 'the PIN is wrong', 'check the PIN; a token locks after a few wrong ones'],
  [0x0a1, 'CKR_PIN_INVALID', 'pin-invalid', 'the token does not accept the characters of this PIN'],
  [0x0a2, 'CKR_PIN_LEN_RANGE', 'pin-invalid', 'the PIN is too short or too long for this token'],
  [0x0a3, 'CKR_PIN_EXPIRED', 'token-refused', 'the PIN has expired', 'change it: `token change-pin`'],
  [0x0a4, 'CKR_PIN_LOCKED', 'pin-locked', 'the PIN is locked', notAgain],
  [0x0b0, 'CKR_SESSION_CLOSED', 'token-refused', 'the token closed the session', again],
  [0x0b1, 'CKR_SESSION_COUNT', 'token-refused', 'the token has no session left', 'close other programs that use the token'],
  [0x0b3, 'CKR_SESSION_HANDLE_INVALID', 'token-refused', 'the session is gone', again],
  [0x0b4, 'CKR_SESSION_PARALLEL_NOT_SUPPORTED', 'token-refused', 'the module does not open sessions of this kind', vendor],
  [0x0b5, 'CKR_SESSION_READ_ONLY', 'token-refused', 'the session cannot write'],
  [0x0b6, 'CKR_SESSION_EXISTS', 'token-refused', 'a session with the token is open', 'close other programs that use the token'],
  [0x0b7, 'CKR_SESSION_READ_ONLY_EXISTS', 'token-refused', 'a read-only session with the token is open', 'close other programs that use the token'],
  [0x0b8, 'CKR_SESSION_READ_WRITE_SO_EXISTS', 'token-refused', "the token's SO is logged in", 'close other programs that use the token'],
  [0x0c0, 'CKR_SIGNATURE_INVALID', 'signature-invalid', 'the signature is not of this key and data'],
  [0x0c1, 'CKR_SIGNATURE_LEN_RANGE', 'signature-invalid', 'the signature has a length that this key does not make'],
  [0x0d0, 'CKR_TEMPLATE_INCOMPLETE', 'token-refused', 'the token asks for more attributes than it was given', vendor],
  [0x0d1, 'CKR_TEMPLATE_INCONSISTENT', 'token-refused', 'the token does not make keys with these attributes', other],
  [0x0e0, 'CKR_TOKEN_NOT_PRESENT', 'token-absent', 'the token is not there', replug],
  [0x0e1, 'CKR_TOKEN_NOT_RECOGNIZED', 'token-absent', 'the module does not know this token', "use the module of the token's vendor"],
  [0x0e2, 'CKR_TOKEN_WRITE_PROTECTED', 'token-refused', 'the token is write-protected'],
  [0x0f0, 'CKR_UNWRAPPING_KEY_HANDLE_INVALID', 'token-key-missing', 'the unwrapping key is not on the token any more'],
  [0x0f1, 'CKR_UNWRAPPING_KEY_SIZE_RANGE', 'token-cannot', 'the token does not unwrap with keys of this size', other, 'data'],
  [0x0f2, 'CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT', 'token-refused', 'the unwrapping key is of another type than the mechanism needs', other],
  [0x100, 'CKR_USER_ALREADY_LOGGED_IN', 'token-refused', 'somebody is logged in already', again],
  [0x101, 'CKR_USER_NOT_LOGGED_IN', 'token-refused', 'the token asks for its PIN', 'try again and give the PIN'],
  [0x102, 'CKR_USER_PIN_NOT_INITIALIZED', 'token-refused', 'the token has no user PIN yet', "let the token's SO set the user PIN"],
  [0x103, 'CKR_USER_TYPE_INVALID', 'token-refused', 'the token does not know this kind of user'],
  [0x104, 'CKR_USER_ANOTHER_ALREADY_LOGGED_IN', 'token-refused', 'somebody else is logged in', 'close other programs that use the token'],
  [0x105, 'CKR_USER_TOO_MANY_TYPES', 'token-refused', 'too many users are logged in', 'close other programs that use the token'],
  [0x110, 'CKR_WRAPPED_KEY_INVALID', 'unwrap-failed', 'the wrapped key cannot be opened', undefined, 'data'],
  [0x112, 'CKR_WRAPPED_KEY_LEN_RANGE', 'unwrap-failed', 'the wrapped key has a length that cannot be', undefined, 'data'],
  [0x113, 'CKR_WRAPPING_KEY_HANDLE_INVALID', 'token-key-missing', 'the wrapping key is not on the token any more'],
  [0x114, 'CKR_WRAPPING_KEY_SIZE_RANGE', 'token-cannot', 'the token does not wrap with keys of this size', other],
  [0x115, 'CKR_WRAPPING_KEY_TYPE_INCONSISTENT', 'token-refused', 'the wrapping key is of another type than the mechanism needs', other],
  [0x120, 'CKR_RANDOM_SEED_NOT_SUPPORTED', 'token-cannot', "the token's random generator takes no seed"],
  [0x121, 'CKR_RANDOM_NO_RNG', 'token-cannot', 'the token has no random generator'],
  [0x130, 'CKR_DOMAIN_PARAMS_INVALID', 'token-cannot', 'the token does not accept these domain parameters', other],
  [0x140, 'CKR_CURVE_NOT_SUPPORTED', 'token-cannot', 'the token does not have this curve', other],
  [0x150, 'CKR_BUFFER_TOO_SMALL', 'token-refused', 'the module has more to say than there is room for', vendor],
  [0x160, 'CKR_SAVED_STATE_INVALID', 'token-refused', 'a saved state cannot be restored'],
  [0x170, 'CKR_INFORMATION_SENSITIVE', 'token-refused', 'the information is secret and stays on the token'],
  [0x180, 'CKR_STATE_UNSAVEABLE', 'token-refused', 'the state cannot be saved'],
  [0x190, 'CKR_CRYPTOKI_NOT_INITIALIZED', 'token-refused', 'the module is not initialised any more', again],
  [0x191, 'CKR_CRYPTOKI_ALREADY_INITIALIZED', 'token-refused', 'the module is initialised already'],
  [0x1a0, 'CKR_MUTEX_BAD', 'token-refused', "the module's locking failed", again],
  [0x1a1, 'CKR_MUTEX_NOT_LOCKED', 'token-refused', "the module's locking failed", again],
  [0x1b0, 'CKR_NEW_PIN_MODE', 'token-refused', 'the token asks for a new PIN', 'change it: `token change-pin`'],
  [0x1b1, 'CKR_NEXT_OTP', 'token-refused', 'the token asks for the next one-time password'],
  [0x1b5, 'CKR_EXCEEDED_MAX_ITERATIONS', 'token-refused', 'the token gave up after too many attempts', again],
  [0x1b6, 'CKR_FIPS_SELF_TEST_FAILED', 'token-refused', "the module's own self-test failed", 'do not use this token until its vendor has looked at it'],
  [0x1b7, 'CKR_LIBRARY_LOAD_FAILED', 'module-load-failed', 'the module cannot load a library that it needs', vendor],
  [0x1b8, 'CKR_PIN_TOO_WEAK', 'pin-invalid', 'the token asks for a stronger PIN'],
  [0x1b9, 'CKR_PUBLIC_KEY_INVALID', 'token-refused', 'the token does not accept the public key'],
  [0x200, 'CKR_FUNCTION_REJECTED', 'declined', 'the operation was rejected at the token'],
  [0x201, 'CKR_TOKEN_RESOURCE_EXCEEDED', 'token-refused', 'the token has no room or no power left for this', again],
  [0x202, 'CKR_OPERATION_CANCEL_FAILED', 'token-refused', 'the operation could not be cancelled', again],
];

export const ckrTable: ReadonlyMap<number, CkrEntry> = new Map(
  rows.map(([number, name, code, sentence, nextStep, data]) => [
    number,
    { name, code, sentence, ...(nextStep === undefined ? {} : { nextStep }), ...(data === undefined ? {} : { data: true }) },
  ]),
);

/** Vendors number their own from here (CKR_VENDOR_DEFINED). */
export const vendorDefined = 0x8000_0000;
