package org.bitbeam.root;

/**
 * An object that a directory of the file lists.
 *
 * @param path name with the path of its directory, such as {@code folder/Events}
 * @param cycle number that tells objects of one name apart; the highest is the newest
 * @param className ROOT's class
 * @param title for people
 * @param objectBytes size of the object, uncompressed
 */
public record KeyInfo(String path, int cycle, String className, String title, long objectBytes) {}
