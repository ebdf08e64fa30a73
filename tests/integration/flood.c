/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flood ADDRESS SECONDS: datagrams of 1400 bytes to port 9, some 100 Mbit a second, whoever takes them. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { AT_ONCE = 10 };

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST }, *at;
	static const char piece[1400];
	time_t end;
	int fd;

	if (argc != 3 || getaddrinfo(argv[1], "9", &hints, &at))
		return 2;
	fd = socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, at->ai_addr, at->ai_addrlen) < 0) {
		perror("flood");
		return 1;
	}
	for (end = time(NULL) + atoi(argv[2]); time(NULL) < end;) {
		/* That nobody takes them is no reason to end. */
		for (int i = 0; i < AT_ONCE; i++)
			(void)send(fd, piece, sizeof(piece), MSG_DONTWAIT);
		(void)nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	return 0;
}
