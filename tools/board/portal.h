/* SPDX-License-Identifier: GPL-2.0 */
/* The portal: what a browser gets, which then asks the API like anybody else. */
#ifndef BOARD_PORTAL_H
#define BOARD_PORTAL_H

#include "request.h"

/* The files, see portal/files.S. */
extern const char portal_files[];
extern const uint32_t portal_files_size;

/* Answers with the file that the path names; "/" is index.html. */
enum MHD_Result portal_answer(struct request *r);

#endif /* BOARD_PORTAL_H */
