/*
 * A PKCS#11 module that is honest until it is told not to be: it stands before a real one (STRONGROOM_FAULT_MODULE) and, when the file
 * STRONGROOM_FAULT_ORDER holds an order, misbehaves once: it removes the file and does what was ordered. So one fault costs one operation,
 * also across a restart of the process that loaded it.
 *
 * An order is `FUNCTION ACTION [NUMBER [AFTER]]`: it is obeyed once AFTER calls of the function have gone well. The actions:
 *   hang | crash | abort | exit  before the real call
 *   print                        writes to standard output and standard error, then does the real call
 *   error N                      answers the CKR number N instead of the real call
 *   huge                         the length or count becomes 2^40
 *   grow N | short N             the length or count is N larger or smaller than true (of an attribute: in the second answer, which fills the buffer)
 *   flip                         one bit of the answer is wrong
 *   pretend                      says that all went well, and does nothing
 *   other                        takes or gives the handle of another object
 *   closed                       gives the handle of a closed session
 *
 * A program of many orders stands in the file STRONGROOM_FAULT_PROGRAM: lines of `FUNCTION NTH ACTION [NUMBER [TIMES]]`, each obeyed at the nth
 * call of this function (or of any, `*`), counted across restarts in a file beside it; what was obeyed is written into another. It has two more
 * actions: `storm N TIMES` answers N to so many calls, and under `vanish 0 TIMES` the token is not there for so many. With a program, the memory
 * of this process is sown with a pattern that nothing else has, so that a byte of it in an answer shows.
 *
 * Beside the orders, the file STRONGROOM_FAULT_FLAGS adds flags to CK_TOKEN_INFO for as long as it is there (in hexadecimal), and the file
 * STRONGROOM_FAULT_PAD is a PIN pad: where a PIN comes empty, the old and the new one are its two words.
 */
#include <p11-kit/pkcs11.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real, mine;

struct order { char action[16]; long number, times; int programmed; const char *function; long nth; };

static int is(const struct order *order, const char *action) { return strcmp(order->action, action) == 0; }

/*
 * Memory full of what nothing else has, every second block of it free: whoever is handed what was never written, or what lies behind his own buffer,
 * is handed this. The blocks that are kept go the next time.
 */
static void sowCanary(void) {
  static const char canary[] = "CanaryOfTheHeap!";
  enum { sizes = 12, each = 24 };
  static void *blocks[sizes][each];
  for (int which = 0; which < sizes; which += 1) {
    size_t size = (size_t)16 << which;
    for (int index = 0; index < each; index += 1) { free(blocks[which][index]); blocks[which][index] = NULL; }
    for (int index = 0; index < each; index += 1) {
      char *block = blocks[which][index] = malloc(size);
      for (size_t at = 0; block != NULL && at < size; at += 16) memcpy(block + at, canary, 16);
    }
    for (int index = 1; index < each; index += 2) { free(blocks[which][index]); blocks[which][index] = NULL; }
  }
}

/* What outlives this process: how often each function was called, and until which call of any a storm lasts, or the absence of the token. */
struct counters { long total, stormUntil, stormNumber, goneUntil, wasGone; struct { char name[32]; long count; } functions[64]; };
struct line { char function[40]; long nth; struct order order; };
static struct counters *counters;
static struct line lines[64];
static int lineCount;

/* Returns 0 where there is no program. */
static int loadProgram(void) {
  static int tried;
  char path[4200];
  const char *program = getenv("STRONGROOM_FAULT_PROGRAM");
  if (tried) return counters != NULL;
  tried = 1;
  FILE *file = program ? fopen(program, "r") : NULL;
  if (file == NULL) return 0;
  char text[200];
  while (lineCount < 64 && fgets(text, sizeof text, file) != NULL) {
    struct line *line = &lines[lineCount];
    memset(line, 0, sizeof *line);
    lineCount += sscanf(text, "%39s %ld %15s %li %ld", line->function, &line->nth, line->order.action, &line->order.number, &line->order.times) >= 3;
  }
  fclose(file);
  snprintf(path, sizeof path, "%s.calls", program);
  int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0 || ftruncate(descriptor, sizeof *counters) != 0) return 0;
  void *mapped = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  counters = mapped == MAP_FAILED ? NULL : mapped;
  return counters != NULL;
}

static long countCall(const char *function) {
  counters->total += 1;
  for (int index = 0; index < 64; index += 1) {
    if (counters->functions[index].name[0] == 0) snprintf(counters->functions[index].name, 32, "%s", function);
    if (strncmp(counters->functions[index].name, function, 31) == 0) return counters->functions[index].count += 1;
  }
  return 0;
}

/* One order of the program for this call, or what a storm or the token's absence makes of it. */
static int programmed(const char *function, struct order *order) {
  if (!loadProgram()) return 0;
  long nth = countCall(function);
  if (nth % 8 == 1 || strcmp(function, "C_GetAttributeValue") != 0) sowCanary();
  int begun = 0;
  for (int index = 0; index < lineCount; index += 1) {
    struct line *line = &lines[index];
    if (strcmp(line->function, "*") == 0 ? line->nth != counters->total : strcmp(line->function, function) != 0 || line->nth != nth) continue;
    *order = line->order;
    if (is(order, "storm")) { counters->stormUntil = counters->total + order->times; counters->stormNumber = order->number; }
    if (is(order, "vanish")) { counters->goneUntil = counters->total + order->times; counters->wasGone = 0; }
    begun = 1;
  }
  order->function = function; order->nth = nth; order->programmed = 1;
  if (counters->total <= counters->goneUntil) { strcpy(order->action, "gone"); return 1; }
  if (counters->total <= counters->stormUntil) { strcpy(order->action, "error"); order->number = counters->stormNumber; return 1; }
  return begun;
}

/* Takes the single order for this function, if there is one. */
static int orderedHere(const char *function, struct order *order) {
  const char *path = getenv("STRONGROOM_FAULT_ORDER");
  FILE *file = path ? fopen(path, "r") : NULL;
  char name[40];
  memset(order, 0, sizeof *order);
  if (file == NULL) return 0;
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

static int ordered(const char *function, struct order *order) { return orderedHere(function, order) || programmed(function, order); }

/* An order is taken away; of a program it is written down what was done. */
static void obeyed(const struct order *order) {
  char path[4200];
  if (!order->programmed) { unlink(getenv("STRONGROOM_FAULT_ORDER")); return; }
  snprintf(path, sizeof path, "%s.done", getenv("STRONGROOM_FAULT_PROGRAM"));
  FILE *file = fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s %ld %s 0x%lx\n", order->function, order->nth, order->action, order->number);
  fclose(file);
}

/* The token was pulled: its sessions are dead, and stay so when it is back. */
static CK_RV gone(const struct order *order) {
  CK_SLOT_ID slots[16]; CK_ULONG count = 16;
  if (!counters->wasGone && real->C_GetSlotList(1, slots, &count) == CKR_OK) for (CK_ULONG index = 0; index < count; index += 1) real->C_CloseAllSessions(slots[index]);
  counters->wasGone = 1;
  return strcmp(order->function, "C_OpenSession") == 0 || strncmp(order->function, "C_Get", 5) == 0 ? CKR_TOKEN_NOT_PRESENT : CKR_DEVICE_REMOVED;
}

/* What happens before or instead of the real call. Returns 1 where `rv` is the answer. */
static int instead(const struct order *order, CK_RV *rv) {
  if (is(order, "hang")) { obeyed(order); for (;;) pause(); }
  if (is(order, "crash")) { obeyed(order); raise(SIGSEGV); }
  if (is(order, "abort")) { obeyed(order); abort(); }
  if (is(order, "exit")) { obeyed(order); _exit(3); }
  if (is(order, "print")) { obeyed(order); printf("vendor says hello\n"); fflush(stdout); fprintf(stderr, "vendor complains\n"); return 0; }
  if (is(order, "error")) { obeyed(order); *rv = (CK_RV)order->number; return 1; }
  if (is(order, "pretend")) { obeyed(order); *rv = CKR_OK; return 1; }
  if (is(order, "gone")) { obeyed(order); *rv = gone(order); return 1; }
  return 0;
}

/* What happens to a length or count after the real call. */
static void lie(const struct order *order, CK_ULONG *length) {
  if (is(order, "huge")) { obeyed(order); *length = (CK_ULONG)1 << 40; }
  if (is(order, "grow")) { obeyed(order); *length += (CK_ULONG)order->number; }
  if (is(order, "short")) { obeyed(order); *length -= (CK_ULONG)order->number; }
}

/* One bit in the middle of an answer. */
static void flip(const struct order *order, void *answer, CK_ULONG length) {
  if (!is(order, "flip") || answer == NULL || length == 0 || length == (CK_ULONG)-1) return;
  obeyed(order);
  ((CK_BYTE *)answer)[length / 2] ^= 1;
}

/* Handles of objects that were seen, so that there is another one to give or to take. */
static CK_OBJECT_HANDLE seen[16];
static int seenCount;

static void see(CK_OBJECT_HANDLE handle) {
  for (int index = 0; index < seenCount && index < 16; index += 1) if (seen[index] == handle) return;
  seen[seenCount++ % 16] = handle;
}

static CK_OBJECT_HANDLE other(const struct order *order, CK_OBJECT_HANDLE handle) {
  if (!is(order, "other")) return handle;
  for (int index = 0; index < seenCount && index < 16; index += 1) if (seen[index] != handle) { obeyed(order); return seen[index]; }
  return handle;
}

/* A function whose faults lie before the call. */
#define PLAIN(name, parameters, arguments) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    if (ordered(#name, &order) && instead(&order, &rv)) return rv; \
    return real->name arguments; \
  }

/* A function that works with the object of a handle. */
#define HANDLED(name, parameters, arguments, handle) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    if (ordered(#name, &order)) { if (instead(&order, &rv)) return rv; handle = other(&order, handle); } \
    return real->name arguments; \
  }

/* A function that gives the handle of a new object. */
#define MAKING(name, parameters, arguments, handle) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    int told = ordered(#name, &order); \
    if (told && instead(&order, &rv)) return rv; \
    rv = real->name arguments; \
    if (rv == CKR_OK) { see(*handle); if (told) *handle = other(&order, *handle); } \
    return rv; \
  }

/* A function that answers a length or a count, and what is so long. */
#define COUNTED(name, parameters, arguments, count, when, answer, bytes) \
  static CK_RV my_##name parameters { \
    struct order order; CK_RV rv; \
    int told = ordered(#name, &order); \
    if (told && instead(&order, &rv)) return rv; \
    rv = real->name arguments; \
    if (told && rv == CKR_OK && (when)) { flip(&order, answer, bytes); lie(&order, count); } \
    return rv; \
  }

#define SESSION CK_SESSION_HANDLE session
#define DATA CK_BYTE_PTR in, CK_ULONG inLength, CK_BYTE_PTR out, CK_ULONG_PTR outLength

PLAIN(C_Initialize, (CK_VOID_PTR arguments), (arguments))
PLAIN(C_Finalize, (CK_VOID_PTR reserved), (reserved))
PLAIN(C_GetInfo, (CK_INFO_PTR info), (info))
PLAIN(C_GetSlotInfo, (CK_SLOT_ID slot, CK_SLOT_INFO_PTR info), (slot, info))
PLAIN(C_GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info), (slot, type, info))
PLAIN(C_CloseSession, (SESSION), (session))
PLAIN(C_GetSessionInfo, (SESSION, CK_SESSION_INFO_PTR info), (session, info))
PLAIN(C_Logout, (SESSION), (session))
PLAIN(C_FindObjectsInit, (SESSION, CK_ATTRIBUTE_PTR template, CK_ULONG count), (session, template, count))
PLAIN(C_FindObjectsFinal, (SESSION), (session))

static CK_RV my_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session) {
  struct order order; CK_RV rv;
  int told = ordered("C_OpenSession", &order);
  if (told && instead(&order, &rv)) return rv;
  rv = real->C_OpenSession(slot, flags, application, notify, session);
  if (told && rv == CKR_OK && is(&order, "closed")) { obeyed(&order); real->C_CloseSession(*session); }
  return rv;
}

static CK_RV my_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  struct order order; CK_RV rv; long flags = 0;
  int told = ordered("C_GetTokenInfo", &order);
  if (told && instead(&order, &rv)) return rv;
  rv = real->C_GetTokenInfo(slot, info);
  if (told && rv == CKR_OK) flip(&order, info->serialNumber, sizeof info->serialNumber);
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
#define TEMPLATE CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR template, CK_ULONG count
HANDLED(C_SignInit, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key), key)
HANDLED(C_EncryptInit, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key), key)
HANDLED(C_DecryptInit, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key), key)
HANDLED(C_DestroyObject, (SESSION, CK_OBJECT_HANDLE object), (session, object), object)
MAKING(C_GenerateKey, (SESSION, TEMPLATE, CK_OBJECT_HANDLE_PTR key), (session, mechanism, template, count, key), key)
MAKING(C_CreateObject, (SESSION, CK_ATTRIBUTE_PTR template, CK_ULONG count, CK_OBJECT_HANDLE_PTR object), (session, template, count, object), object)
MAKING(C_UnwrapKey, (SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE unwrapper, CK_BYTE_PTR in, CK_ULONG inLength, CK_ATTRIBUTE_PTR template, CK_ULONG count, CK_OBJECT_HANDLE_PTR key),
       (session, mechanism, unwrapper, in, inLength, template, count, key), key)
MAKING(C_GenerateKeyPair, (SESSION, TEMPLATE, CK_ATTRIBUTE_PTR own, CK_ULONG ownCount, CK_OBJECT_HANDLE_PTR half, CK_OBJECT_HANDLE_PTR key),
       (session, mechanism, template, count, own, ownCount, half, key), key)
COUNTED(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count), (present, list, count), count, is(&order, "huge") || list != NULL, list, sizeof *list)
COUNTED(C_GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count), (slot, list, count), count, is(&order, "huge") || list != NULL, list, sizeof *list)
COUNTED(C_Sign, (SESSION, DATA), (session, in, inLength, out, outLength), outLength, 1, out, *outLength)
COUNTED(C_Encrypt, (SESSION, DATA), (session, in, inLength, out, outLength), outLength, 1, out, *outLength)
COUNTED(C_Decrypt, (SESSION, DATA), (session, in, inLength, out, outLength), outLength, 1, out, *outLength)

static CK_RV my_C_FindObjects(SESSION, CK_OBJECT_HANDLE_PTR objects, CK_ULONG max, CK_ULONG_PTR count) {
  struct order order; CK_RV rv;
  int told = ordered("C_FindObjects", &order);
  if (told && instead(&order, &rv)) return rv;
  rv = real->C_FindObjects(session, objects, max, count);
  for (CK_ULONG index = 0; rv == CKR_OK && index < *count; index += 1) see(objects[index]);
  if (told && rv == CKR_OK && *count > 0) { objects[0] = other(&order, objects[0]); flip(&order, objects, sizeof *objects / 4); }
  if (told && rv == CKR_OK) lie(&order, count);
  return rv;
}

static CK_RV my_C_WrapKey(SESSION, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE wrapper, CK_OBJECT_HANDLE key, CK_BYTE_PTR out, CK_ULONG_PTR outLength) {
  struct order order; CK_RV rv;
  int told = ordered("C_WrapKey", &order);
  if (told && instead(&order, &rv)) return rv;
  rv = real->C_WrapKey(session, mechanism, wrapper, told ? other(&order, key) : key, out, outLength);
  if (told && rv == CKR_OK) { flip(&order, out, *outLength); lie(&order, outLength); }
  return rv;
}

/* An order may name the attribute: `C_GetAttributeValue.3 grow 8` (CKA_LABEL, in hexadecimal); else it is for the first one. */
static CK_RV my_C_GetAttributeValue(SESSION, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  struct order order; CK_RV rv; char function[40];
  CK_ATTRIBUTE_PTR whole = template; int told = 0;
  for (CK_ULONG index = 0; index < count && !told; index += 1) {
    snprintf(function, sizeof function, "C_GetAttributeValue.%lx", whole[index].type);
    told = orderedHere(function, &order);
    if (told) template = &whole[index];
  }
  told = told || ordered("C_GetAttributeValue", &order);
  if (told && instead(&order, &rv)) return rv;
  int fills = count > 0 && template[0].pValue != NULL;
  rv = real->C_GetAttributeValue(session, told ? other(&order, object) : object, whole, count);
  if (told && rv == CKR_OK && fills) flip(&order, template[0].pValue, template[0].ulValueLen);
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
  USE(C_Initialize) USE(C_Finalize) USE(C_GetInfo) USE(C_GetSlotInfo) USE(C_GetTokenInfo) USE(C_GetMechanismInfo) USE(C_OpenSession) USE(C_CloseSession) USE(C_GetSessionInfo)
  USE(C_Login) USE(C_Logout) USE(C_SetPIN) USE(C_InitPIN) USE(C_SignInit) USE(C_EncryptInit) USE(C_DecryptInit) USE(C_FindObjectsInit) USE(C_FindObjectsFinal)
  USE(C_GenerateKey) USE(C_GenerateKeyPair) USE(C_CreateObject) USE(C_UnwrapKey) USE(C_DestroyObject)
  USE(C_GetSlotList) USE(C_GetMechanismList) USE(C_FindObjects) USE(C_Sign) USE(C_Encrypt) USE(C_Decrypt) USE(C_WrapKey) USE(C_GetAttributeValue)
  *list = &mine;
  return CKR_OK;
}
