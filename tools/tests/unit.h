/* SPDX-License-Identifier: GPL-2.0 */
/* Unit tests of the tools. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

void test_parse(void);
void test_args(void);
void test_output(void);
void test_netlink(void);
void test_rows(void);
void test_ping(void);

#endif /* TESTS_UNIT_H */
