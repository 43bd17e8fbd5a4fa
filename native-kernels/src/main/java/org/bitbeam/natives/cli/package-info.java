/** The command line with native products. */
@org.jspecify.annotations.NullMarked
package org.bitbeam.natives.cli;
