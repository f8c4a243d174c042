/*
 * test_digest.c - tests of src/observe/digest.c against published vectors and a slow sum of our own.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "observe/digest.h"
#include "suites.h"

/* As in digest.c: sizes round it are where reads begin and end. */
#define BUFFER 262144u

/* FIPS 180-4, FIPS 202 and RFC 7693 examples: "", "abc", a million times "a". */
static const struct {
	enum sysck_hash algorithm;
	size_t length;
	const char *empty;
	const char *abc;
	const char *million;
} vectors[] = {
	{ SYSCK_HASH_SHA256, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ SYSCK_HASH_SHA384, 48,
	  "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
	  "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985" },
	{ SYSCK_HASH_SHA512, 64,
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	  "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" },
	{ SYSCK_HASH_SHA3_256, 32, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
	  "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
	  "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1" },
	{ SYSCK_HASH_BLAKE2B512, 64,
	  "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
	  "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
	  "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	  "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
	  "98fb3efb7206fd19ebf69b6f312cf7b64e3b94dbe1a17107913975a793f177e1"
	  "d077609d7fba363cbba00d05f7aa4e4fa8715d6428104c0a75643b0ff3fd3eaf" },
	{ SYSCK_HASH_MD5, 16, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72",
	  "7707d6ae4e027c70eea2a935c2296f21" },
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

/* A file without a name that holds `length` bytes of `data`. */
static int file_of(const unsigned char *data, size_t length)
{
	char name[] = "/tmp/test_digest.XXXXXX";
	int descriptor = mkstemp(name);

	CU_ASSERT_FATAL(descriptor >= 0);
	(void)unlink(name);
	CU_ASSERT_EQUAL_FATAL(write(descriptor, data, length), (ssize_t)length);
	return descriptor;
}

/* `length` bytes of no pattern, with every byte value in them; the caller frees. */
static unsigned char *bytes_new(size_t length)
{
	unsigned char *bytes = malloc(length + 1);
	uint32_t state = 12345;

	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	for (size_t i = 0; i < length; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (unsigned char)(state >> 24);
	}
	return bytes;
}

/* The definition of the sum, word for word. */
static uint32_t slow_sum(const unsigned char *data, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++) {
		sum = (sum >> 1) + ((sum & 1) << 15);
		sum += data[i];
		sum &= 0xffff;
	}
	return sum;
}

static void check_hex(const unsigned char *bytes, size_t length, const char *hex)
{
	char text[2 * SYSCK_DIGEST_MAX + 1];

	for (size_t i = 0; i < length; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	CU_ASSERT_STRING_EQUAL(text, hex);
}

static struct tcbck_digester *digester_new(void)
{
	struct tcbck_digester *digester = NULL;

	CU_ASSERT_EQUAL_FATAL(tcbck_digester_new(&digester), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(digester);
	return digester;
}

/* One after the other with the same digester, forth and back, so that nothing of one file gets into the next one. */
static void knows_published_vectors(void)
{
	struct tcbck_digester *digester = digester_new();
	unsigned char *million = malloc(1000000);
	int descriptors[3];
	const off_t sizes[3] = { 0, 3, 1000000 };
	const uint32_t sums[3] = { 0, 16556, 62769 };
	const uint64_t blocks[3] = { 0, 1, 977 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(million);
	memset(million, 'a', 1000000);
	descriptors[0] = file_of(million, 0);
	descriptors[1] = file_of((const unsigned char *)"abc", 3);
	descriptors[2] = file_of(million, 1000000);
	for (size_t i = 0; i < 2 * VECTORS; i++) {
		size_t row = i < VECTORS ? i : 2 * VECTORS - 1 - i;
		const char *expected[3] = { vectors[row].empty, vectors[row].abc, vectors[row].million };

		for (size_t j = 0; j < 3; j++) {
			struct tcbck_content content = { .want_sum = true,
							 .want_hash = true,
							 .hash.algorithm = vectors[row].algorithm };

			CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptors[j], (uint64_t)sizes[j], &content, NULL, NULL),
					0);
			check_hex(content.hash.bytes, vectors[row].length, expected[j]);
			CU_ASSERT_EQUAL(content.sum, sums[j]);
			CU_ASSERT_EQUAL(content.blocks, blocks[j]);
			CU_ASSERT_EQUAL(content.size, (uint64_t)sizes[j]);
		}
	}
	for (size_t i = 0; i < 3; i++)
		(void)close(descriptors[i]);
	free(million);
	tcbck_digester_free(digester);
	tcbck_digester_free(NULL);
}

static void sums_at_every_edge(void)
{
	static const size_t sizes[] = {
		0,          1,      2,          7,          8,      9,          1023,       1024,          1025,
		BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 700001, BUFFER - 8, BUFFER + 9, 3 * BUFFER - 1
	};
	struct tcbck_digester *digester = digester_new();
	unsigned char *bytes = bytes_new(3 * BUFFER);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int descriptor = file_of(bytes, sizes[i]);
		struct tcbck_content content = { .want_sum = true };
		atomic_uint_least64_t done = 5;

		CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, sizes[i], &content, &done, NULL), 0);
		CU_ASSERT_EQUAL(content.sum, slow_sum(bytes, sizes[i]));
		CU_ASSERT_EQUAL(content.blocks, (sizes[i] + 1023) / 1024);
		CU_ASSERT_EQUAL(content.size, sizes[i]);
		CU_ASSERT_EQUAL(atomic_load(&done), 5 + sizes[i]);
		(void)close(descriptor);
	}
	/* All ones often lose a carry. What sum -r prints for ten of them: */
	memset(bytes, 0xff, 3 * BUFFER);
	CU_ASSERT_EQUAL(slow_sum(bytes, 10), 33405);
	{
		int descriptor = file_of(bytes, 3 * BUFFER);
		struct tcbck_content content = { .want_sum = true };

		CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, 3 * BUFFER, &content, NULL, NULL), 0);
		CU_ASSERT_EQUAL(content.sum, slow_sum(bytes, 3 * BUFFER));
		(void)close(descriptor);
	}
	free(bytes);
	tcbck_digester_free(digester);
}

/* The descriptor's own offset is neither used nor moved. */
/* Sum, digest and second digest of one read, or of the same content in pieces, are what each is by itself. */
static void proves_in_the_same_read(void)
{
	const size_t size = BUFFER + 4321;
	struct tcbck_digester *digester = digester_new();
	unsigned char *bytes = bytes_new(size);
	int descriptor = file_of(bytes, size);
	const struct tcbck_content asked = {
		.want_sum = true, .want_hash = true, .want_proof = true, .proof = { .algorithm = SYSCK_HASH_MD5 }
	};
	struct tcbck_content whole = asked, pieces = asked, alone = { .want_hash = true, .hash = asked.proof };

	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, size, &whole, NULL, NULL), 0);
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, size, &alone, NULL, NULL), 0);
	CU_ASSERT_EQUAL(memcmp(whole.proof.bytes, alone.hash.bytes, 16), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(whole.proof.bytes, whole.hash.bytes, 16), 0);
	CU_ASSERT_EQUAL(whole.sum, slow_sum(bytes, size));
	CU_ASSERT_EQUAL(tcbck_digest_begin(digester, &pieces), 0);
	for (size_t at = 0; at < size; at += 1000) {
		size_t len = size - at < 1000 ? size - at : 1000;

		CU_ASSERT_EQUAL(tcbck_digest_add(digester, (struct sysck_slice){ (const char *)bytes + at, len }), 0);
	}
	CU_ASSERT_EQUAL(tcbck_digest_end(digester, &pieces), 0);
	CU_ASSERT_EQUAL(memcmp(whole.proof.bytes, pieces.proof.bytes, 16), 0);
	CU_ASSERT_EQUAL(memcmp(whole.hash.bytes, pieces.hash.bytes, 32), 0);
	CU_ASSERT_EQUAL(pieces.sum, whole.sum);
	CU_ASSERT_EQUAL(pieces.size, size);
	(void)close(descriptor);
	free(bytes);
	tcbck_digester_free(digester);
}

static void leaves_the_offset_alone(void)
{
	struct tcbck_digester *digester = digester_new();
	int descriptor = file_of((const unsigned char *)"abc", 3);
	struct tcbck_content content = { .want_sum = true };

	CU_ASSERT_EQUAL(lseek(descriptor, 2, SEEK_SET), 2);
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, 3, &content, NULL, NULL), 0);
	CU_ASSERT_EQUAL(content.sum, 16556);
	CU_ASSERT_EQUAL(lseek(descriptor, 0, SEEK_CUR), 2);
	(void)close(descriptor);
	tcbck_digester_free(digester);
}

static void reads_sparse_files(void)
{
	struct tcbck_digester *digester = digester_new();
	struct tcbck_content content = { .want_sum = true, .want_hash = true, .hash.algorithm = SYSCK_HASH_SHA256 };
	int descriptor = file_of((const unsigned char *)"", 0);

	CU_ASSERT_EQUAL(ftruncate(descriptor, 8 << 20), 0);
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, 8 << 20, &content, NULL, NULL), 0);
	/* head -c 8388608 /dev/zero | sha256sum */
	check_hex(content.hash.bytes, 32, "2daeb1f36095b44b318410b3f4e8b5d989dcc7bb023d1426c492dab0a3053e74");
	CU_ASSERT_EQUAL(content.sum, 0);
	CU_ASSERT_EQUAL(content.blocks, 8192);
	(void)close(descriptor);
	tcbck_digester_free(digester);
}

/* Fails with `expected`, and then no output is touched. */
static void check_fails(struct tcbck_digester *digester, int descriptor, uint64_t size, const atomic_bool *stop, int expected)
{
	struct tcbck_content content = { .want_sum = true, .want_hash = true, .sum = 77, .blocks = 78, .size = 79 };
	struct tcbck_content before;

	memset(content.hash.bytes, 0x5a, sizeof(content.hash.bytes));
	content.hash.algorithm = SYSCK_HASH_SHA512;
	before = content;
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, size, &content, NULL, stop), expected);
	CU_ASSERT_EQUAL(content.sum, before.sum);
	CU_ASSERT_EQUAL(content.blocks, before.blocks);
	CU_ASSERT_EQUAL(content.size, before.size);
	CU_ASSERT_EQUAL(memcmp(content.hash.bytes, before.hash.bytes, sizeof(content.hash.bytes)), 0);
}

static void sees_changes_of_size(void)
{
	struct tcbck_digester *digester = digester_new();
	unsigned char *bytes = bytes_new(3 * BUFFER);
	int descriptor = file_of(bytes, 2 * BUFFER);
	struct tcbck_content content = { .want_sum = true };

	/* Shorter than it was. */
	check_fails(digester, descriptor, 2 * BUFFER + 1, NULL, -EAGAIN);
	check_fails(digester, descriptor, UINT64_MAX, NULL, -EAGAIN);
	/* Longer, by more than a buffer and by just one. */
	check_fails(digester, descriptor, BUFFER - 1, NULL, -EAGAIN);
	check_fails(digester, descriptor, 0, NULL, -EAGAIN);
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, BUFFER, &content, NULL, NULL), 0);
	CU_ASSERT_EQUAL(content.size, 2 * BUFFER);
	CU_ASSERT_EQUAL(content.sum, slow_sum(bytes, 2 * BUFFER));
	(void)close(descriptor);
	free(bytes);
	tcbck_digester_free(digester);
}

/* Appends as long as the reader reads. */
struct appender {
	int descriptor;
	atomic_bool stop;
};

static void *append(void *context)
{
	struct appender *appender = context;
	static const char block[65536];

	/* A bound, so that a reader that never ends doesn't fill the disk: it then ends, and the test fails. */
	for (int i = 0; i < 2048 && !atomic_load(&appender->stop); i++)
		(void)!write(appender->descriptor, block, sizeof(block));
	return NULL;
}

static void does_not_chase_a_growing_file(void)
{
	struct tcbck_digester *digester = digester_new();
	unsigned char *bytes = bytes_new(BUFFER);
	struct appender appender = { .descriptor = file_of(bytes, 3 * BUFFER / 4) };
	pthread_t thread;
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };

	/* It never ends: only the limit stops the reading. */
	check_fails(digester, zero, 0, NULL, -EAGAIN);
	check_fails(digester, zero, 5 * BUFFER, NULL, -EAGAIN);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, append, &appender), 0);
	while (st.st_size < (off_t)(4 * BUFFER))
		CU_ASSERT_EQUAL_FATAL(fstat(appender.descriptor, &st), 0);
	check_fails(digester, appender.descriptor, 2 * BUFFER, NULL, -EAGAIN);
	atomic_store(&appender.stop, true);
	CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
	(void)close(zero);
	(void)close(appender.descriptor);
	free(bytes);
	tcbck_digester_free(digester);
}

/* /proc and sysfs: 0 and 4,096 that are not so. */
static void judges_liars(void)
{
	struct tcbck_digester *digester = digester_new();
	struct tcbck_content content = { .want_sum = true };
	int small = open("/proc/sys/kernel/ostype", O_RDONLY | O_CLOEXEC);
	int wrong = open("/sys/kernel/uevent_seqnum", O_RDONLY | O_CLOEXEC);

	if (small < 0 || wrong < 0) {
		unit_skip("no /proc or /sys");
	} else {
		CU_ASSERT_EQUAL(tcbck_digest_read(digester, small, 0, &content, NULL, NULL), 0);
		CU_ASSERT_EQUAL(content.size, 6);
		CU_ASSERT_EQUAL(content.sum, slow_sum((const unsigned char *)"Linux\n", 6));
		check_fails(digester, wrong, 4096, NULL, -EAGAIN);
	}
	if (small >= 0)
		(void)close(small);
	if (wrong >= 0)
		(void)close(wrong);
	tcbck_digester_free(digester);
}

static void passes_errors_on(void)
{
	struct tcbck_digester *digester = digester_new();
	int writable = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	int ends[2];
	atomic_bool stop = true;

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	check_fails(digester, -1, 10, NULL, -EBADF);
	check_fails(digester, writable, 10, NULL, -EBADF);
	check_fails(digester, directory, 10, NULL, -EISDIR);
	check_fails(digester, ends[0], 10, NULL, -ESPIPE);
	/* Nothing is mapped at 0. */
	if (memory >= 0)
		check_fails(digester, memory, 10, NULL, -EIO);
	check_fails(digester, writable, 10, &stop, -ECANCELED);
	(void)close(writable);
	(void)close(directory);
	(void)close(ends[0]);
	(void)close(ends[1]);
	if (memory >= 0)
		(void)close(memory);
	tcbck_digester_free(digester);
}

/* Cancelled on the way: the stop is set when the first bytes are counted. */
struct canceller {
	atomic_uint_least64_t done;
	atomic_bool stop;
};

static void *cancel(void *context)
{
	struct canceller *canceller = context;

	while (atomic_load(&canceller->done) == 0)
		;
	atomic_store(&canceller->stop, true);
	return NULL;
}

static void stops_on_the_way(void)
{
	struct tcbck_digester *digester = digester_new();
	struct tcbck_content content = { .want_hash = true, .hash.algorithm = SYSCK_HASH_SHA3_256 };
	struct canceller canceller = { 0, false };
	int descriptor = file_of((const unsigned char *)"", 0);
	pthread_t thread;

	/* Hours of zeros. */
	CU_ASSERT_EQUAL(ftruncate(descriptor, (off_t)1 << 42), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel, &canceller), 0);
	CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, (uint64_t)1 << 42, &content, &canceller.done, &canceller.stop),
			-ECANCELED);
	CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
	(void)close(descriptor);
	tcbck_digester_free(digester);
}

/* Read calls of this thread so far, or -1 where the kernel doesn't count them. */
static long reads_so_far(int descriptor)
{
	char text[512];
	ssize_t got = pread(descriptor, text, sizeof(text) - 1, 0);
	const char *found;

	if (got <= 0)
		return -1;
	text[got] = '\0';
	found = strstr(text, "syscr: ");
	return found == NULL ? -1 : strtol(found + 7, NULL, 10);
}

static void reads_no_more_than_needed(void)
{
	static const struct {
		size_t size;
		long reads;
	} rows[] = { { 0, 1 }, { 1, 1 }, { 5000, 1 }, { BUFFER - 1, 1 }, { BUFFER, 2 }, { BUFFER + 1, 2 }, { 3 * BUFFER, 4 } };
	struct tcbck_digester *digester = digester_new();
	unsigned char *bytes = bytes_new(3 * BUFFER);
	int counts = open("/proc/thread-self/io", O_RDONLY | O_CLOEXEC);
	/* Counting is a read too. */
	long own = reads_so_far(counts);

	own = reads_so_far(counts) - own;
	if (own != 1) {
		unit_skip("reads are not counted here");
	} else {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			int descriptor = file_of(bytes, rows[i].size);
			struct tcbck_content content = { .want_sum = true };
			long before = reads_so_far(counts);

			CU_ASSERT_EQUAL(tcbck_digest_read(digester, descriptor, rows[i].size, &content, NULL, NULL), 0);
			CU_ASSERT_EQUAL(reads_so_far(counts) - before - own, rows[i].reads);
			(void)close(descriptor);
		}
	}
	if (counts >= 0)
		(void)close(counts);
	free(bytes);
	tcbck_digester_free(digester);
}

/* $OPENSSL_CONF is a FIFO: whoever opened it would wait for ever, and the alarm would end the child. */
static void obeys_no_environment(void)
{
	char name[] = "/tmp/test_digest.XXXXXX";
	int descriptor = file_of((const unsigned char *)"abc", 3);
	int status = -1;
	pid_t child;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(name));
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (child == 0) {
		struct tcbck_content content = { .want_hash = true, .hash.algorithm = SYSCK_HASH_SHA256 };
		struct tcbck_digester *digester = NULL;
		int ok = 0;

		(void)alarm(20);
		if (chdir(name) == 0 && mkfifo("conf", 0600) == 0 && setenv("OPENSSL_CONF", "conf", 1) == 0 &&
		    setenv("OPENSSL_MODULES", name, 1) == 0 && tcbck_digester_new(&digester) == 0)
			ok = tcbck_digest_read(digester, descriptor, 3, &content, NULL, NULL) == 0 &&
			     content.hash.bytes[0] == 0xba && content.hash.bytes[31] == 0xad;
		tcbck_digester_free(digester);
		(void)unlink("conf");
		_exit(ok ? 0 : 1);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	(void)rmdir(name);
	(void)close(descriptor);
}

/* One file, a digester a thread; made here, used there. */
struct reader {
	struct tcbck_digester *digester;
	int descriptor;
	size_t vector;
	bool good;
};

static void *read_often(void *context)
{
	struct reader *reader = context;

	reader->good = true;
	for (int i = 0; i < 20; i++) {
		struct tcbck_content content = { .want_sum = true, .want_hash = true };
		char text[2 * SYSCK_DIGEST_MAX + 1];

		content.hash.algorithm = vectors[reader->vector].algorithm;
		if (tcbck_digest_read(reader->digester, reader->descriptor, 1000000, &content, NULL, NULL) != 0 ||
		    content.sum != 62769)
			reader->good = false;
		for (size_t j = 0; j < vectors[reader->vector].length; j++)
			(void)snprintf(text + 2 * j, 3, "%02x", content.hash.bytes[j]);
		if (strcmp(text, vectors[reader->vector].million) != 0)
			reader->good = false;
	}
	return NULL;
}

static void works_in_threads(void)
{
	unsigned char *million = malloc(1000000);
	struct reader readers[8];
	pthread_t threads[8];
	int descriptor;

	CU_ASSERT_PTR_NOT_NULL_FATAL(million);
	memset(million, 'a', 1000000);
	descriptor = file_of(million, 1000000);
	for (size_t i = 0; i < 8; i++) {
		readers[i] = (struct reader){ digester_new(), descriptor, i % VECTORS, false };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, read_often, &readers[i]), 0);
	}
	for (size_t i = 0; i < 8; i++) {
		CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
		CU_ASSERT_TRUE(readers[i].good);
		tcbck_digester_free(readers[i].digester);
	}
	(void)close(descriptor);
	free(million);
}

void suite_digest(void)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(obeys_no_environment),
		UNIT_TEST(knows_published_vectors),
		UNIT_TEST(sums_at_every_edge),
		UNIT_TEST(proves_in_the_same_read),
		UNIT_TEST(leaves_the_offset_alone),
		UNIT_TEST(reads_sparse_files),
		UNIT_TEST(sees_changes_of_size),
		UNIT_TEST(does_not_chase_a_growing_file),
		UNIT_TEST(judges_liars),
		UNIT_TEST(passes_errors_on),
		UNIT_TEST(stops_on_the_way),
		UNIT_TEST(reads_no_more_than_needed),
		UNIT_TEST(works_in_threads),
	};

	unit_add("digest", tests, sizeof(tests) / sizeof(tests[0]));
}
