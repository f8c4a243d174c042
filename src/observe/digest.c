/*
 * digest.c - a descriptor's content as sum -r and as digests, in one read.
 *
 * It knows libcrypto (nobody else does) and the sum of sum(1) -r. It gives both of them from one pass over the content.
 * It must never read by the descriptor's own offset (a checksum command may share it), and never let the environment
 * decide which code computes a digest: libcrypto gets a library context of its own and reads no configuration file.
 *
 * A file's size is what fstat(2) said, and is not believed. Files that lie about it (most of /proc says 0, sysfs says
 * 4,096) end as -EAGAIN, as a changing file does, but for a file that says too little by no more than one buffer: its
 * content is whole, and the size read tells the caller.
 *
 * What it reads does not drive out of the page cache what others need: a file whose beginning was not there goes again.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "observe/crew.h"
#include "observe/digest.h"

/* Bytes read at once: most files of a system are smaller, and are read by one system call. */
#define BUFFER_SIZE ((size_t)256 * 1024)
/* A page, so that the kernel copies whole ones. */
#define BUFFER_ALIGNMENT ((size_t)4096)

/* How much of a file that was not in the page cache may be there at once, because of us; a multiple of pages. */
#define CACHED_SIZE ((uint64_t)16 * 1024 * 1024)

_Static_assert(EVP_MAX_MD_SIZE >= SYSCK_DIGEST_MAX, "a digest of libcrypto fills struct sysck_digest");

struct tcbck_digester {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *provider;
	EVP_MD *algorithms[SYSCK_HASH_COUNT]; /* fetched at first need: fetching costs more than a small file's digest */
	EVP_MD_CTX *context;
	EVP_MD_CTX *proof; /* of the second digest */
	unsigned char *buffer;
	dev_t blind; /* the file system last met that can't tell what is in the page cache; 0: none */
	/* Of the content in hand. */
	bool want_sum;
	bool want_hash;
	bool want_proof;
	uint16_t sum;
	uint64_t size;
};

/* libcrypto's names of enum sysck_hash, EVP_MD-SHA2(7) and its sisters. */
static const char *const algorithm_names[SYSCK_HASH_COUNT] = {
	[SYSCK_HASH_SHA256] = "SHA2-256",   [SYSCK_HASH_SHA384] = "SHA2-384",        [SYSCK_HASH_SHA512] = "SHA2-512",
	[SYSCK_HASH_SHA3_256] = "SHA3-256", [SYSCK_HASH_BLAKE2B512] = "BLAKE2B-512", [SYSCK_HASH_MD5] = "MD5",
};

/* What libcrypto failed with: memory, or `otherwise`. Leaves its queue of errors empty. */
static int crypto_error(int otherwise)
{
	int error = ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE ? -ENOMEM : otherwise;

	ERR_clear_error();
	return error;
}

int tcbck_digester_new(struct tcbck_digester **ret)
{
	struct tcbck_digester *digester = calloc(1, sizeof(*digester));
	int error = -ENOMEM;

	if (digester == NULL)
		return -ENOMEM;
	digester->buffer = aligned_alloc(BUFFER_ALIGNMENT, BUFFER_SIZE);
	if (digester->buffer == NULL)
		goto out;
	/* $OPENSSL_CONF could name modules to load: no file is read, whatever part of libcrypto would like one. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) {
		error = crypto_error(-ENOTSUP);
		goto out;
	}
	digester->library = OSSL_LIB_CTX_new();
	digester->context = EVP_MD_CTX_new();
	digester->proof = EVP_MD_CTX_new();
	if (digester->library == NULL || digester->context == NULL || digester->proof == NULL) {
		ERR_clear_error();
		goto out;
	}
	/* Built into libcrypto: nothing is loaded from a file. */
	digester->provider = OSSL_PROVIDER_load(digester->library, "default");
	if (digester->provider == NULL) {
		error = crypto_error(-ENOTSUP);
		goto out;
	}
	*ret = digester;
	return 0;
out:
	tcbck_digester_free(digester);
	return error;
}

void tcbck_digester_free(struct tcbck_digester *digester)
{
	if (digester == NULL)
		return;
	EVP_MD_CTX_free(digester->context);
	EVP_MD_CTX_free(digester->proof);
	for (size_t i = 0; i < SYSCK_HASH_COUNT; i++)
		EVP_MD_free(digester->algorithms[i]);
	if (digester->provider != NULL)
		(void)OSSL_PROVIDER_unload(digester->provider);
	OSSL_LIB_CTX_free(digester->library);
	free(digester->buffer);
	free(digester);
}

static int hash_begin(struct tcbck_digester *digester, EVP_MD_CTX *context, enum sysck_hash algorithm)
{
	EVP_MD **fetched = &digester->algorithms[algorithm];

	assert((unsigned)algorithm < SYSCK_HASH_COUNT);
	if (*fetched == NULL)
		*fetched = EVP_MD_fetch(digester->library, algorithm_names[algorithm], NULL);
	if (*fetched == NULL || EVP_DigestInit_ex2(context, *fetched, NULL) != 1)
		return crypto_error(-ENOTSUP);
	return 0;
}

static int hash_end(EVP_MD_CTX *context, struct sysck_digest *ret)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (EVP_DigestFinal_ex(context, bytes, &length) != 1)
		return crypto_error(-EIO);
	assert(length <= SYSCK_DIGEST_MAX);
	memcpy(ret->bytes, bytes, length);
	return 0;
}

static inline uint16_t sum_byte(uint16_t sum, unsigned char byte)
{
	return (uint16_t)((((unsigned)sum >> 1) | ((unsigned)sum << 15)) + byte);
}

/*
 * The BSD sum: rotate right by one bit in 16, add the byte, forget the carry. Each step needs the one before and the lost
 * carry makes it not linear, so there is nothing to compute side by side; unrolled, only rotation and addition are left.
 */
static uint16_t sum_bytes(uint16_t sum, const unsigned char *data, size_t length)
{
	const unsigned char *end = data + length;

	for (; end - data >= 8; data += 8) {
		sum = sum_byte(sum, data[0]);
		sum = sum_byte(sum, data[1]);
		sum = sum_byte(sum, data[2]);
		sum = sum_byte(sum, data[3]);
		sum = sum_byte(sum, data[4]);
		sum = sum_byte(sum, data[5]);
		sum = sum_byte(sum, data[6]);
		sum = sum_byte(sum, data[7]);
	}
	for (; data < end; data++)
		sum = sum_byte(sum, *data);
	return sum;
}

int tcbck_digest_begin(struct tcbck_digester *digester, const struct tcbck_content *content)
{
	int error = 0;

	digester->want_sum = content->want_sum;
	digester->want_hash = content->want_hash;
	digester->want_proof = content->want_proof;
	digester->sum = 0;
	digester->size = 0;
	if (content->want_hash)
		error = hash_begin(digester, digester->context, content->hash.algorithm);
	if (error == 0 && content->want_proof)
		error = hash_begin(digester, digester->proof, content->proof.algorithm);
	return error;
}

int tcbck_digest_add(struct tcbck_digester *digester, struct sysck_slice piece)
{
	digester->size += piece.len;
	if (digester->want_sum)
		digester->sum = sum_bytes(digester->sum, (const unsigned char *)piece.data, piece.len);
	if (digester->want_hash && EVP_DigestUpdate(digester->context, piece.data, piece.len) != 1)
		return crypto_error(-EIO);
	if (digester->want_proof && EVP_DigestUpdate(digester->proof, piece.data, piece.len) != 1)
		return crypto_error(-EIO);
	return 0;
}

int tcbck_digest_end(struct tcbck_digester *digester, struct tcbck_content *content)
{
	struct sysck_digest hash = content->hash, proof = content->proof;
	int error = 0;

	if (digester->want_hash)
		error = hash_end(digester->context, &hash);
	if (error == 0 && digester->want_proof)
		error = hash_end(digester->proof, &proof);
	if (error != 0)
		return error;
	content->hash = hash;
	content->proof = proof;
	content->size = digester->size;
	if (digester->want_sum) {
		content->sum = digester->sum;
		content->blocks = digester->size / 1024 + (digester->size % 1024 != 0);
	}
	return 0;
}

/* A file that is read, and what of it is in the page cache only for that: from `dropped` on, if it is `cold`. */
struct reading {
	int descriptor;
	dev_t device;
	bool cold;
	uint64_t dropped;
};

/* Is the page there that has the file's last byte? Reading the beginning, in which there are holes, would not tell. */
static bool has_end_cached(int descriptor, uint64_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *end = mmap(NULL, page, PROT_READ, MAP_SHARED, descriptor, (off_t)((size - 1) / page * page));
	unsigned char there = 1;

	if (end == MAP_FAILED)
		return true;
	if (mincore(end, page, &there) < 0)
		there = 1;
	(void)munmap(end, page);
	return (there & 1) != 0;
}

/* The first piece: if it has to be waited for, it was not in the cache. File systems that can't tell are read as they are. */
static ssize_t read_first(struct tcbck_digester *digester, struct reading *reading)
{
	const struct iovec room = { digester->buffer, BUFFER_SIZE };
	ssize_t got;

	if (reading->device == 0 || reading->device != digester->blind) {
		got = preadv2(reading->descriptor, &room, 1, 0, RWF_NOWAIT);
		if (got >= 0)
			return got;
		if (errno == EOPNOTSUPP)
			digester->blind = reading->device;
		reading->cold = reading->cold || errno == EAGAIN;
	}
	return pread(reading->descriptor, digester->buffer, BUFFER_SIZE, 0);
}

static ssize_t read_piece(struct tcbck_digester *digester, struct reading *reading, uint64_t at)
{
	if (at == 0)
		return read_first(digester, reading);
	if (reading->cold && at - reading->dropped >= CACHED_SIZE) {
		(void)posix_fadvise(reading->descriptor, (off_t)reading->dropped, (off_t)(at - reading->dropped),
				    POSIX_FADV_DONTNEED);
		reading->dropped = at;
	}
	return pread(reading->descriptor, digester->buffer, BUFFER_SIZE, (off_t)at);
}

/* Reads from the start to the end of the file, which ought to be `size` bytes long. */
static int read_all(struct tcbck_digester *digester, struct reading *reading, uint64_t size, atomic_uint_least64_t *done,
		    const atomic_bool *stop)
{
	uint64_t limit = size > UINT64_MAX - BUFFER_SIZE ? UINT64_MAX : size + BUFFER_SIZE;
	ssize_t got = -1;

	while (got != 0) {
		int error;

		if (tcbck_crew_is_stopped(stop))
			return -ECANCELED;
		got = read_piece(digester, reading, digester->size);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if ((uint64_t)got > limit - digester->size)
			return -EAGAIN;
		if (done != NULL)
			(void)atomic_fetch_add_explicit(done, (uint64_t)got, memory_order_relaxed);
		error = tcbck_digest_add(digester, (struct sysck_slice){ (const char *)digester->buffer, (size_t)got });
		if (error != 0)
			return error;
		/* Short, and just as long as it should be: this was the end, and asking again would only cost a call. */
		if ((size_t)got < BUFFER_SIZE && digester->size == size)
			return 0;
	}
	return digester->size < size ? -EAGAIN : 0;
}

int tcbck_digest_read(struct tcbck_digester *digester, int descriptor, uint64_t size, struct tcbck_content *content,
		      atomic_uint_least64_t *done, const atomic_bool *stop)
{
	struct reading reading = { .descriptor = descriptor, .device = content->device };
	int error = tcbck_digest_begin(digester, content);

	if (error != 0)
		return error;
	/* Only advice: a file system that doesn't take it is read all the same. */
	if (size > BUFFER_SIZE)
		(void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	reading.cold = size > CACHED_SIZE && !has_end_cached(descriptor, size);
	error = read_all(digester, &reading, size, done, stop);
	if (reading.cold)
		(void)posix_fadvise(descriptor, (off_t)reading.dropped, 0, POSIX_FADV_DONTNEED);
	return error != 0 ? error : tcbck_digest_end(digester, content);
}

int tcbck_digest_bytes(struct tcbck_digester *digester, struct sysck_slice bytes, struct sysck_digest *ret)
{
	struct tcbck_content content = { .want_hash = true, .hash = *ret };
	int error = tcbck_digest_begin(digester, &content);

	if (error == 0)
		error = tcbck_digest_add(digester, bytes);
	if (error == 0)
		error = tcbck_digest_end(digester, &content);
	if (error == 0)
		*ret = content.hash;
	return error;
}
