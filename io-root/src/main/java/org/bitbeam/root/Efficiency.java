package org.bitbeam.root;

/**
 * Events that passed a selection out of all ({@code TEfficiency}).
 *
 * @param passed those that passed
 * @param total all of them
 */
public record Efficiency(
    String className, String name, String title, Histogram passed, Histogram total)
    implements RootObject {}
