/*
 * A PKCS#11 module that is honest until it is told not to be: it stands before a real one (STRONGROOM_FAULT_MODULE) and, when the file
 * STRONGROOM_FAULT_ORDER holds an order, misbehaves once: it removes the file and does what was ordered. So one fault costs one operation,
 * also across a restart of the process that loaded it.
 *
 * An order is `FUNCTION ACTION [NUMBER [AFTER]]`: it is obeyed once AFTER calls of the function have gone well. The actions:
 *   hang | crash | exit          before the real call
 *   print                        writes to standard output and standard error, then does the real call
 *   error N                      answers the CKR number N instead of the real call
 *   huge                         the length or count becomes 2^40
 *   wrong                        one bit of the result is another (of a signature, a MAC, what is encrypted or decrypted)
 *   grow N | short N             the length or count is N larger or smaller than true (of an attribute: in the second answer, which fills the buffer)
 *
 * Beside the orders, the file STRONGROOM_FAULT_FLAGS adds flags to CK_TOKEN_INFO for as long as it is there (in hexadecimal), and the file
 * STRONGROOM_FAULT_PAD is a PIN pad: where a PIN comes empty, the old and the new one are its two words.
 */
#include <p11-kit/pkcs11.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real, mine;

struct order { char action[16]; long number; };

/* Takes the order for this function, if there is one. */
static int ordered(const char *function, struct order *order) {
  const char *path = getenv("STRONGROOM_FAULT_ORDER");
  FILE *file = path ? fopen(path, "r") : NULL;
  char name[40];
  if (file == NULL) return 0;
  order->number = 0;
  long after = 0;
  int read = fscanf(file, "%39s %15s %li %li", name, order->action, &order->number, &after);
  fclose(file);
  if (read < 2 || strcmp(name, function) != 0) return 0;
  if (after == 0) return 1;
  file = fopen(path, "w");
  if (file == NULL) return 0;
  fprintf(file, "%s %s %li %li", name, order->action, order->number, after - 1);
  fclose(file);
  return 0;
}

static void obeyed(void) { unlink(getenv("STRONGROOM_FAULT_ORDER")); }

static int is(const struct order *order, const char *action) { return strcmp(order->action, action) == 0; }

/* What happens before or instead of the real call. Returns 1 where `rv` is the answer. */
static int instead(const struct order *order, CK_RV *rv) {
  if (is(order, "hang")) { obeyed(); for (;;) pause(); }
  if (is(order, "crash")) { obeyed(); raise(SIGSEGV); }
  if (is(order, "exit")) { obeyed(); _exit(3); }
  if (is(order, "print")) { obeyed(); printf("vendor says hello\n"); fflush(stdout); fprintf(stderr, "vendor complains\n"); return 0; }
  if (is(order, "error")) { obeyed(); *rv = (CK_RV)order->number; return 1; }
  return 0;
}

/* What happens to a length or count after the real call. */
static void lie(const struct order *order, CK_ULONG *length) {
  if (is(order, "huge")) { obeyed(); *length = (CK_ULONG)1 << 40; }
  if (is(order, "grow")) { obeyed(); *length += (CK_ULONG)order->number; }
  if (is(order, "short")) { obeyed(); *length -= (CK_ULONG)order->number; }
}

/* A function whose faults lie before the call. */
#define PLAIN(name, parameters, arguments) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    if (ordered(#name, &order) && instead(&order, &rv)) return rv; \
    return real->name arguments; \
  }

/* A function that answers a length or a count. */
#define COUNTED(name, parameters, arguments, count, when) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    int told = ordered(#name, &order); \
    if (told && instead(&order, &rv)) return rv; \
    rv = real->name arguments; \
    if (told && rv == CKR_OK && (when)) lie(&order, count); \
    return rv; \
  }

/* One whose result may be another besides. */
#define RESULT(name, parameters, arguments) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    int told = ordered(#name, &order); \
    if (told && instead(&order, &rv)) return rv; \
    rv = real->name arguments; \
    if (told && rv == CKR_OK) lie(&order, outLength); \
    if (told && rv == CKR_OK && out != NULL && is(&order, "wrong")) { obeyed(); out[0] ^= 1; } \
    return rv; \
  }

#define SESSION CK_SESSION_HANDLE session
#define DATA CK_BYTE_PTR in, CK_ULONG inLength, CK_BYTE_PTR out, CK_ULONG_PTR outLength

PLAIN(C_Initialize, (CK_VOID_PTR arguments), (arguments))
PLAIN(C_Finalize, (CK_VOID_PTR reserved), (reserved))
PLAIN(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session),
      (slot, flags, application, notify, session))
static CK_RV my_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  struct order order; CK_RV rv; long flags = 0;
  if (ordered("C_GetTokenInfo", &order) && instead(&order, &rv)) return rv;
  rv = real->C_GetTokenInfo(slot, info);
  const char *path = getenv("STRONGROOM_FAULT_FLAGS");
  FILE *file = path ? fopen(path, "r") : NULL;
  if (file == NULL) return rv;
  if (fscanf(file, "%li", &flags) == 1) info->flags |= (CK_FLAGS)flags;
  fclose(file);
  return rv;
}

struct pad { char old[64], new[64]; };

/* What a person types on the pad. */
static void typed(struct pad *pad) {
  const char *path = getenv("STRONGROOM_FAULT_PAD");
  FILE *file = path ? fopen(path, "r") : NULL;
  pad->old[0] = pad->new[0] = 0;
  if (file == NULL) return;
  if (fscanf(file, "%63s %63s", pad->old, pad->new) < 1) pad->old[0] = 0;
  fclose(file);
}

static CK_RV my_C_Login(SESSION, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  struct order order; CK_RV rv; struct pad pad;
  if (ordered("C_Login", &order) && instead(&order, &rv)) return rv;
  typed(&pad);
  if (length == 0 && pad.old[0] != 0) return real->C_Login(session, user, (CK_UTF8CHAR_PTR)pad.old, strlen(pad.old));
  return real->C_Login(session, user, pin, length);
}

static CK_RV my_C_SetPIN(SESSION, CK_UTF8CHAR_PTR old, CK_ULONG oldLength, CK_UTF8CHAR_PTR new, CK_ULONG newLength) {
  struct order order; CK_RV rv; struct pad pad;
  if (ordered("C_SetPIN", &order) && instead(&order, &rv)) return rv;
  typed(&pad);
  if (oldLength == 0 && pad.old[0] != 0) return real->C_SetPIN(session, (CK_UTF8CHAR_PTR)pad.old, strlen(pad.old), (CK_UTF8CHAR_PTR)pad.new, strlen(pad.new));
  return real->C_SetPIN(session, old, oldLength, new, newLength);
}

PLAIN(C_InitPIN, (SESSION, CK_UTF8CHAR_PTR pin, CK_ULONG length), (session, pin, length))
PLAIN(C_SignInit, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key))
PLAIN(C_GenerateKey, (SESSION, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR template, CK_ULONG count, CK_OBJECT_HANDLE_PTR key),
      (session, mechanism, template, count, key))
PLAIN(C_DestroyObject, (SESSION, CK_OBJECT_HANDLE object), (session, object))
COUNTED(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count), (present, list, count), count, is(&order, "huge") || list != NULL)
COUNTED(C_GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count), (slot, list, count), count, is(&order, "huge") || list != NULL)
COUNTED(C_FindObjects, (SESSION, CK_OBJECT_HANDLE_PTR objects, CK_ULONG max, CK_ULONG_PTR count), (session, objects, max, count), count, 1)
RESULT(C_Sign, (SESSION, DATA), (session, in, inLength, out, outLength))
RESULT(C_Encrypt, (SESSION, DATA), (session, in, inLength, out, outLength))
RESULT(C_Decrypt, (SESSION, DATA), (session, in, inLength, out, outLength))
COUNTED(C_WrapKey, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE wrapper, CK_OBJECT_HANDLE key, CK_BYTE_PTR out, CK_ULONG_PTR outLength),
        (session, mechanism, wrapper, key, out, outLength), outLength, 1)

/* An order may name the attribute: `C_GetAttributeValue.3 grow 8` (CKA_LABEL, in hexadecimal). */
static CK_RV my_C_GetAttributeValue(SESSION, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  struct order order; CK_RV rv; char function[40];
  snprintf(function, sizeof function, "C_GetAttributeValue.%lx", count == 0 ? 0 : template[0].type);
  int told = ordered(function, &order) || ordered("C_GetAttributeValue", &order);
  if (told && instead(&order, &rv)) return rv;
  int fills = count > 0 && template[0].pValue != NULL;
  rv = real->C_GetAttributeValue(session, object, template, count);
  if (told && rv == CKR_OK && (is(&order, "huge") ? !fills : fills)) lie(&order, &template[0].ulValueLen);
  return rv;
}

#define USE(name) mine.name = my_##name;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  const char *path = getenv("STRONGROOM_FAULT_MODULE");
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  CK_C_GetFunctionList get = library ? (CK_C_GetFunctionList)(uintptr_t)dlsym(library, "C_GetFunctionList") : NULL;
  if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
  mine = *real;
  USE(C_Initialize) USE(C_Finalize) USE(C_GetTokenInfo) USE(C_OpenSession) USE(C_Login) USE(C_SetPIN) USE(C_InitPIN) USE(C_SignInit) USE(C_GenerateKey) USE(C_DestroyObject)
  USE(C_GetSlotList) USE(C_GetMechanismList) USE(C_FindObjects) USE(C_Sign) USE(C_Encrypt) USE(C_Decrypt) USE(C_WrapKey) USE(C_GetAttributeValue)
  *list = &mine;
  return CKR_OK;
}
