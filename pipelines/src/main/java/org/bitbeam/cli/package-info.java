/**
 * The command line. {@link org.bitbeam.cli.Bitbeam} is its top; every command has a class of its
 * own.
 */
@NullMarked
package org.bitbeam.cli;

import org.jspecify.annotations.NullMarked;
