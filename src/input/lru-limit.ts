/** How many entries a cache of the most recently used ones may have. */

/**
 * Returns the options for at most `count` entries. With `max`, LRUCache would allocate them all in advance: those of 10,000 took
 * a third of the time in which the services are assembled and listen, in the main thread and in each worker.
 */
export const atMost = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 });
