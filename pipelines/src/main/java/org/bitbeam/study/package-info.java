/**
 * What low precision costs and buys on this machine: counts and times of networks, as a table and
 * as pictures.
 */
@NullMarked
package org.bitbeam.study;

import org.jspecify.annotations.NullMarked;
